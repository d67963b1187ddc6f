"""Everything that a site has: each feed is a module, and one line here or two.

Slow to load; whoever builds does it once.
"""

from functools import partial
from typing import Final

from registry_tool.core.index import Feeds
from registry_tool.feeds import agent_skills, ggui_search, hosts, marketplace, mcp_registry, news, search_index
from registry_tool.feeds.advisories import advisories, osv
from registry_tool.feeds.badges import badges
from registry_tool.feeds.catalogue import catalogue
from registry_tool.feeds.counts import live_counts
from registry_tool.feeds.ggui import gadget_bundles, packages
from registry_tool.feeds.llms import llms
from registry_tool.feeds.objects import objects, tables
from registry_tool.feeds.people import authors, reviews
from registry_tool.feeds.queue import marketplace_queue
from registry_tool.feeds.release_news import item_news
from registry_tool.feeds.schemas import schema_files
from registry_tool.feeds.sitemap import sitemap
from registry_tool.feeds.texts import texts
from registry_tool.feeds.twins import twins
from registry_tool.site import advisories as advisories_page
from registry_tool.site import indexes
from registry_tool.site.find import card_value, find_page
from registry_tool.site.gallery import pages
from registry_tool.site.item import item_page
from registry_tool.site.queue import queue_page

OURS: Final = Feeds(
    names=(objects, reviews),
    whole=(tables, catalogue, authors, live_counts, hosts.hosts),
    facts={hosts.FACTS: hosts.gone_versions},
)
"""What our own client reads, and what a host must know."""

OTHERS: Final = Feeds(
    names=(
        gadget_bundles,
        packages,
        marketplace.marketplace_item,
        agent_skills.skill_files,
        mcp_registry.server_files,
    ),
    whole=(
        marketplace_queue,
        marketplace.marketplace,
        ggui_search.searches,
        agent_skills.skill_index,
        mcp_registry.servers,
    ),
    facts={
        agent_skills.FACT: agent_skills.skill_fact,
        mcp_registry.FACT: mcp_registry.server_fact,
        ggui_search.FACTS: ggui_search.ggui_row,
        marketplace.FACTS: marketplace.marketplace_facts,
    },
)
"""What clients that we did not write read."""

NEWS: Final = Feeds(
    names=(osv, item_news, badges, twins),
    whole=(advisories, news.news, llms, sitemap, texts, schema_files),
    facts={news.FACTS: news.news_facts},
)
"""Advisories, news and small texts."""

GALLERY: Final = Feeds(
    names=(item_page,),
    whole=(pages, queue_page, partial(search_index.search_index, card=card_value), find_page),
    facts={
        search_index.FACTS: search_index.search_facts,
        indexes.REVIEWERS: indexes.reviewers,
        advisories_page.FACTS: advisories_page.older_advised,
    },
)
"""The pages, and what they search in."""

_ALL = (OURS, OTHERS, NEWS, GALLERY)
SITE: Final = Feeds(
    names=tuple(feed for part in _ALL for feed in part.names),
    whole=tuple(feed for part in _ALL for feed in part.whole),
    facts={name: fact for part in _ALL for name, fact in part.facts.items()},
)
"""All of it."""

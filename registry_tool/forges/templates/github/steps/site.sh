SITE=$(git -C registry.git show main:index/registry.yaml \
  | tool/bin/python -c 'import sys, yaml; print(yaml.safe_load(sys.stdin)["url"])')
if [ -z "$SITE" ]; then
  echo "::error file=index/registry.yaml::write after url: where the site is served"
  exit 1
fi

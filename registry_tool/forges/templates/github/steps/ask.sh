ask() { curl --silent --show-error --fail --header @- "$@" <<< "Authorization: Bearer $GITHUB_TOKEN"; }

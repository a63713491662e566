#!/bin/sh
# Protected branches, as GitLab guards them. The HTTP server says which refs those are and whether the
# caller may push to them; a push by file path says nothing and is not restricted.
[ -n "$SANDBOX_PROTECTED_REFS" ] || exit 0
refuse() {
  echo "GitLab: $1"
  exit 1
}
none=$(git hash-object --stdin </dev/null | tr '0-9a-f' '0')
while read -r old new ref; do
  case " $SANDBOX_PROTECTED_REFS " in
    *" $ref "*) ;;
    *) continue ;;
  esac
  [ "$SANDBOX_MAY_PUSH_PROTECTED" = true ] ||
    refuse "You are not allowed to push code to protected branches on this project."
  [ "$new" != "$none" ] ||
    refuse "You can only delete protected branches using the web interface."
  [ "$old" = "$none" ] || git merge-base --is-ancestor "$old" "$new" ||
    refuse "You are not allowed to force push code to a protected branch on this project."
done

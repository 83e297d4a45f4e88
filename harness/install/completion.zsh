#compdef threadmill
# SPDX-License-Identifier: Apache-2.0
#
# zsh completion of threadmill, which says itself what may come next.
_threadmill() {
  local line files
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=yes
    else
      found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done < <("${words[1]}" complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  if [[ -n $files ]]; then
    _files
  else
    _describe threadmill found
  fi
}
_threadmill "$@"

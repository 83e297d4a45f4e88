# SPDX-License-Identifier: Apache-2.0
#
# bash completion of threadmill, which says itself what may come next.
_threadmill() {
  local word
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    if [[ $word == :files ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}")
    else
      COMPREPLY+=("$word")
      [[ $word != *= ]] || compopt -o nospace 2>/dev/null
    fi
  done < <("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _threadmill threadmill

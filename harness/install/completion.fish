# SPDX-License-Identifier: Apache-2.0
#
# fish completion of threadmill, which says itself what may come next.
function __threadmill_next
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l typed (commandline --current-token --cut-at-cursor)
    $words[1] complete $words[2..-1] "$typed" 2>/dev/null
end
complete -c threadmill -f -a '(__threadmill_next | string match --invert :files)'
complete -c threadmill -F -n '__threadmill_next | string match --quiet :files'

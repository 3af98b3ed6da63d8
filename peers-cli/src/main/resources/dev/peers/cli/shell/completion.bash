# Completion of the peers command for bash and zsh. To try it:  source <(peers completion)
# The first word is completed here; for everything else peers itself is asked, which knows the active peers.
if [ -n "$ZSH_VERSION" ]; then
  type compdef >/dev/null 2>&1 || { autoload -U +X compinit && compinit; }
  autoload -U +X bashcompinit && bashcompinit
fi

_peers_complete() {
  local IFS=$'\n'
  local word=${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ] && [ "${word#-}" = "$word" ]; then
    COMPREPLY=($(compgen -W $'@COMMANDS@' -- "$word"))
  else
    COMPREPLY=($("${COMP_WORDS[0]}" completion --at "$((COMP_CWORD - 1))" -- "${COMP_WORDS[@]:1}" 2>/dev/null))
  fi
}

complete -o default -F _peers_complete peers

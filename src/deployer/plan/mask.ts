const MASK = "***";

/** Names that hold a secret, as whole words or within one: `DB_PASSWORD`, `apiKey`, `AUTH_TOKEN`. */
const SECRET_WORD =
  /pass(?:word|wd|phrase|code)|passwd|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|auth\.users$/iu;
const SECRET_PART =
  /(?:^|[._-])(?:pass|pw|pwd|key|keys|auth|dsn|salt|pin|cookie|htpasswd)(?:$|[._-])/iu;

/** The user information of a URL, wherever it stands. */
const URL_LOGIN = /([a-z][a-z0-9+.-]*:\/\/)[^\s"',]*@/giu;
/** A secret given as an argument: `--password=x`, or `"--token","x"` in a list. */
const SECRET_ARGUMENT =
  /(--?[\w-]*(?:password|passwd|secret|token|api-?key)[\w-]*(?:=|","|\s+))[^"\s]+/giu;

/** A secret among comma-separated options: `username=app,password=x`. */
const SECRET_OPTION = /((?:password|passwd|secret|token|api-?key|\bpass)[\w-]{0,40}=)[^,"\s]+/giu;

/** Whether the name of a setting or variable looks as if its value were a secret. */
function isSecretName(name: string): boolean {
  const words = name.replaceAll(/([a-z])([A-Z])/gu, "$1_$2");
  return SECRET_WORD.test(words) || SECRET_PART.test(words);
}

/** A value fit to be shown: `***` when the setting's name looks secret, else without logins in URLs and arguments. */
export function maskValue(setting: string, value: string): string {
  const [, name] =
    /^(?:environment|labels|deploy\.labels|logging\.options)\.(.*)$/su.exec(setting) ?? [];
  if (name !== undefined && isSecretName(name)) return MASK;
  return value
    .replaceAll(URL_LOGIN, `$1${MASK}@`)
    .replaceAll(SECRET_ARGUMENT, `$1${MASK}`)
    .replaceAll(SECRET_OPTION, `$1${MASK}`);
}

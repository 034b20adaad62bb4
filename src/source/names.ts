/** Whether this is a full SHA-1, so that it can be neither an option nor a ref of the same name. */
export function isSha(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Whether Git allows this as the name of a branch (`git check-ref-format --branch`, and no tricks with refspecs). */
export function isBranchName(text: string): boolean {
  return (
    text !== "" &&
    text.length <= 1000 &&
    // eslint-disable-next-line no-control-regex -- Git forbids them
    !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^[-/.]|\/\.|\.lock($|\/)/.test(text)
  );
}

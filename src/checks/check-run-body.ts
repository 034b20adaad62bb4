import type { CheckRunContent } from "./ports.ts";

/** The fields of GitHub's API that creating and updating a check run share. */
export function checkRunBody(content: CheckRunContent) {
  const { conclusion, startedAt, completedAt } = content;
  return {
    external_id: content.externalId,
    details_url: content.detailsUrl,
    status: content.status,
    ...(conclusion === null ? {} : { conclusion }),
    ...(startedAt === null ? {} : { started_at: startedAt }),
    ...(completedAt === null ? {} : { completed_at: completedAt }),
    output: {
      title: content.title,
      summary: content.summary,
      text: content.text,
      annotations: content.annotations.map((annotation) => ({
        path: annotation.path,
        start_line: annotation.line,
        end_line: annotation.line,
        annotation_level: annotation.level,
        title: annotation.title,
        message: annotation.message,
      })),
    },
    actions: content.actions.map(({ label, description, identifier }) => ({
      label,
      description,
      identifier,
    })),
  };
}

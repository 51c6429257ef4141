import { Alert, Text } from '@mantine/core';
import type { Failure } from '../graphql/failure.js';
import { useSecondsLeft } from '../time/seconds-left.js';

interface Props {
  readonly failure: Failure | null;
  /** In place of the failure's own sentence, where the place knows better. */
  readonly sentence?: string | undefined;
  /** The fields that this form has; what is wrong with them stands beside them. */
  readonly fields?: readonly string[];
}

/** Says why something failed, unless the fields of the form say all of it. */
export function FailureNotice({ failure, sentence, fields = [] }: Props) {
  const secondsLeft = useSecondsLeft(failure?.waitUntil ?? null);
  if (failure === null) {
    return null;
  }
  const others = Object.entries(failure.fields).filter(([name]) => !fields.includes(name));
  if (Object.keys(failure.fields).length > 0 && others.length === 0) {
    return null;
  }
  const waited = failure.waitUntil !== null && secondsLeft === 0;
  return (
    <Alert role="alert" color={waited ? 'gray' : 'red'} variant="light" p="sm">
      <Text size="sm">
        {waited ? 'You can try again now.' : (sentence ?? failure.sentence)}
        {secondsLeft > 0 && (
          // Not read out every second.
          <span aria-live="off"> Try again in {inWords(secondsLeft)}.</span>
        )}
      </Text>
      {others.map(([name, problem]) => (
        <Text key={name} size="sm">
          {name}: {problem}
        </Text>
      ))}
      {failure.requestId !== null && (
        <Text size="xs" ff="monospace" mt={4}>
          Request {failure.requestId}
        </Text>
      )}
    </Alert>
  );
}

function inWords(seconds: number): string {
  if (seconds < 120) {
    return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  }
  return `${Math.ceil(seconds / 60)} minutes`;
}

import { TextInput, type TextInputProps } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';

interface Props extends Omit<TextInputProps, 'value' | 'onChange' | 'type'> {
  /** What is searched for. */
  readonly value: string;
  /** Called with the trimmed text once typing has paused, and at once with Enter. */
  readonly onSearch: (text: string) => void;
}

const pauseMs = 250;

/** A field that searches while one types. */
export function SearchField({ value, onSearch, ...props }: Props) {
  const [typed, setTyped] = useState(value);
  const search = useRef(onSearch);
  search.current = onSearch;
  const asked = useRef(value);

  const ask = useCallback((text: string) => {
    if (text !== asked.current) {
      asked.current = text;
      search.current(text);
    }
  }, []);

  useEffect(() => {
    const timer = setTimeout(() => ask(typed.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [typed, ask]);

  useEffect(() => {
    // Somebody else set it, such as the browser's way back.
    if (value !== asked.current) {
      asked.current = value;
      setTyped(value);
    }
  }, [value]);

  return (
    <TextInput
      type="search"
      autoComplete="off"
      spellCheck={false}
      maxLength={255}
      {...props}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && ask(typed.trim())}
    />
  );
}

import { PasswordInput, type PasswordInputProps } from '@mantine/core';

/** A password that can be shown; `purpose` is what password managers go by. */
export function PasswordField({ purpose, ...props }: PasswordInputProps & { readonly purpose: 'current' | 'new' }) {
  return (
    <PasswordInput
      autoComplete={`${purpose}-password`}
      required
      withAsterisk={false}
      spellCheck={false}
      visibilityToggleButtonProps={{ 'aria-label': 'Show the password', tabIndex: 0 }}
      {...props}
    />
  );
}

import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const pine: MantineColorsTuple = [
  '#eff8f5',
  '#dcefe8',
  '#b6ddd0',
  '#8ccab6',
  '#5fb99e',
  '#36a083',
  '#1a7f65',
  '#116d56',
  '#0d5845',
  '#08402f',
];

const red: MantineColorsTuple = [
  '#fdf2f1',
  '#fbe3e1',
  '#f5c2be',
  '#ee9d97',
  '#e4766f',
  '#da4f46',
  '#c93229',
  '#b5271f',
  '#951d16',
  '#6f130e',
];

const gray: MantineColorsTuple = [
  '#f7f9f8',
  '#f0f3f1',
  '#e5e9e7',
  '#d6dcd9',
  '#bcc4c0',
  '#929c97',
  '#6b7671',
  '#4d5753',
  '#333b38',
  '#1b211f',
];

const dark: MantineColorsTuple = [
  '#dde3e0',
  '#b9c2be',
  '#97a29d',
  '#76817c',
  '#3c4642',
  '#28312d',
  '#1c2321',
  '#121614',
  '#0d100f',
  '#080a09',
];

export const theme = createTheme({
  colors: { pine, red, gray, dark },
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 6 },
  black: '#141917',
  fontFamily: "'Geist Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'Geist Mono Variable', ui-monospace, monospace",
  headings: {
    fontFamily: "'Geist Variable', system-ui, sans-serif",
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.625rem', lineHeight: '1.25' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  fontSizes: { xs: '0.8125rem', sm: '0.875rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  shadows: {
    sm: '0 1px 2px rgb(20 25 23 / 6%), 0 2px 8px rgb(20 25 23 / 6%)',
    md: '0 2px 4px rgb(20 25 23 / 6%), 0 8px 24px rgb(20 25 23 / 10%)',
    xl: '0 4px 12px rgb(20 25 23 / 8%), 0 24px 64px rgb(20 25 23 / 18%)',
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Anchor: { defaultProps: { underline: 'always' } },
    Button: { defaultProps: { size: 'sm' } },
    // The first entry takes the focus, and a menu holds nothing but entries.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: {
      defaultProps: { centered: true, radius: 'lg', closeButtonProps: { 'aria-label': 'Close' } },
      styles: { title: { fontSize: '1.0625rem', fontWeight: 600 } },
    },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true } },
  },
});

/**
 * Mantine's own dimmed, placeholder and error colours have too little contrast for WCAG 2.2 AA, and its light variants
 * are nearly black in the dark.
 */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': gray[6],
    '--mantine-color-placeholder': gray[6],
    '--mantine-color-error': red[7],
    '--mantine-color-default-border': gray[3],
    '--mantine-color-disabled-color': gray[6],
  },
  dark: {
    '--mantine-color-dimmed': dark[2],
    '--mantine-color-placeholder': dark[2],
    '--mantine-color-error': red[3],
    '--mantine-color-disabled-color': dark[2],
    '--mantine-color-pine-light': '#173c31',
    '--mantine-color-pine-light-hover': '#1c493c',
    '--mantine-color-pine-light-color': pine[2],
    '--mantine-color-red-light': '#421c19',
    '--mantine-color-red-light-hover': '#522320',
    '--mantine-color-red-light-color': red[1],
  },
});

const setting = document.querySelector<HTMLMetaElement>('meta[name="playground"]')?.content;

/** For whom the server has opened the Playground. */
export const openedFor = setting === 'off' ? 'nobody' : setting === 'users' ? 'users' : 'anyone';

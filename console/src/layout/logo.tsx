import classes from './logo.module.css';
import mark from './logo.svg';

/** The mark and the name. */
export function Logo() {
  return (
    <span className={classes.logo}>
      <img src={mark} alt="" width="24" height="24" />
      Latchkey
    </span>
  );
}

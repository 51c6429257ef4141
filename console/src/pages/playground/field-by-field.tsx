import classes from './access-panel.module.css';
import type { Plan } from './use-plan.js';

/** The rules of everything that the document selects. */
export function FieldByField({ coordinates }: { readonly coordinates: Plan['coordinates'] }) {
  return (
    <details className={classes.fields}>
      <summary>Field by field</summary>
      <ul>
        {coordinates.map(({ coordinate, rules, onType }) => (
          <li key={`${coordinate} ${onType}`}>
            <code>{coordinate}</code>
            {rules.map((rule) => (
              <p key={rule}>{rule}</p>
            ))}
            {onType !== null && <p>Only when it turns out to be of the type {onType}.</p>}
          </li>
        ))}
      </ul>
    </details>
  );
}

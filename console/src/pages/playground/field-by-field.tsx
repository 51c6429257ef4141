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
              <Rule key={rule} text={rule} />
            ))}
            {onType !== null && <p>Only when it turns out to be of the type {onType}.</p>}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A rule in the server's words, with the names of abilities between backticks. */
function Rule({ text }: { readonly text: string }) {
  return <p>{text.split('`').map((part, index) => (index % 2 === 0 ? part : <code key={part}>{part}</code>))}</p>;
}

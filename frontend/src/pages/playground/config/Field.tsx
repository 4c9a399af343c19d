import { useId, type ReactNode } from 'react';

interface Attributes {
  id: string;
  'aria-invalid': boolean | undefined;
  'aria-describedby': string | undefined;
}
interface Props {
  label: string;
  hint?: string;
  problem?: string | undefined;
  children: (attributes: Attributes) => ReactNode;
}

/** A labelled control; what is wrong with it stands below it. */
export function Field({ label, hint, problem, children }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} title={hint}>
        {label}
      </label>
      {children({ id, 'aria-invalid': problem ? true : undefined, 'aria-describedby': problem ? `${id}p` : undefined })}
      {problem && (
        <span className="playground-problem" id={`${id}p`}>
          {problem}
        </span>
      )}
    </div>
  );
}

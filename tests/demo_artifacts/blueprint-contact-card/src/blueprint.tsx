import * as React from "react";

interface Contact {
  name: string;
  role?: string;
  phone?: string;
  email?: string;
  address?: string[];
}

export default function ContactCard({ name, role, phone, email, address = [] }: Contact) {
  return (
    <article aria-label={name}>
      <h2>{name}</h2>
      {role ? <p>{role}</p> : null}
      <dl>
        {phone ? (
          <>
            <dt>Phone</dt>
            <dd>
              <a href={`tel:${phone.replace(/[^+0-9]/g, "")}`}>{phone}</a>
            </dd>
          </>
        ) : null}
        {email ? (
          <>
            <dt>E-mail</dt>
            <dd>
              <a href={`mailto:${encodeURIComponent(email).replace("%40", "@")}`}>{email}</a>
            </dd>
          </>
        ) : null}
        {address.length > 0 ? (
          <>
            <dt>Address</dt>
            <dd>
              <address>
                {address.map((line, index) => (
                  <div key={index}>{line}</div>
                ))}
              </address>
            </dd>
          </>
        ) : null}
      </dl>
    </article>
  );
}

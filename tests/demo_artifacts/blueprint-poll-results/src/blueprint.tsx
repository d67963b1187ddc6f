import * as React from "react";

interface Answer {
  label: string;
  votes: number;
}

export default function PollResults({ question, answers = [] }: { question: string; answers?: Answer[] }) {
  const all = answers.reduce((sum, answer) => sum + answer.votes, 0);
  const ordered = [...answers].sort((one, other) => other.votes - one.votes);
  return (
    <section aria-label={question}>
      <h2>{question}</h2>
      <table>
        <caption>{all === 1 ? "1 vote" : `${all} votes`}</caption>
        <thead>
          <tr>
            <th scope="col">Answer</th>
            <th scope="col">Share</th>
            <th scope="col">Votes</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((answer, index) => (
            <tr key={index}>
              <th scope="row">{answer.label}</th>
              <td>
                <meter min={0} max={all || 1} value={answer.votes} aria-label={`${answer.votes} of ${all}`} />{" "}
                {all ? Math.round((100 * answer.votes) / all) : 0} %
              </td>
              <td>{answer.votes}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

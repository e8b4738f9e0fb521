-- What may be wrong after a year, one thing at a time. Each begins with what it is, the rules that must go red, and
-- words that the first of them must say. Constraints and triggers are out of the way.

-- What: a step was never taken
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: day_15 was never taken
DELETE FROM complaint_step WHERE step = 'day_15';

-- What: a step was taken early
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: day_15 was taken early
ALTER TABLE complaint_step DROP CONSTRAINT complaint_step_not_early;
UPDATE complaint_step SET happened_at = due_at - interval '1 hour' WHERE step = 'day_15';

-- What: a step was taken late and nobody was away
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: 0:05:00 late, and nobody was away
UPDATE complaint_step SET happened_at = due_at + interval '5 minutes'
 WHERE step = 'day_15' AND complaint_id IN (SELECT id FROM complaint WHERE channel = 'web');

-- What: a step of a complaint on paper was taken late
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: 0:05:00 late, and nobody was away
UPDATE complaint_step SET happened_at = due_at + interval '5 minutes'
 WHERE step = 'day_15' AND complaint_id IN (SELECT id FROM complaint WHERE channel = 'post');

-- What: a step of a complaint that was written down after it waited for a second midnight
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: late, and nobody was away
UPDATE complaint_step AS s SET happened_at = happened_at + interval '1 day'
  FROM complaint AS c WHERE c.id = s.complaint_id AND s.due_at < c.recorded_at - interval '1 hour';

-- What: a step was taken twice
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: day_15 was taken 2 times
ALTER TABLE complaint_step DROP CONSTRAINT complaint_step_pk;
INSERT INTO complaint_step SELECT * FROM complaint_step WHERE step = 'day_15';

-- What: a step told nobody
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: was told nobody
DELETE FROM mail WHERE kind = 'complaint_due';

-- What: nobody is on record as told of a step
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: was told nobody
UPDATE complaint_step SET told = '{}' WHERE step = 'day_15';

-- What: steps are out of order
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: its steps are out of order
UPDATE complaint_step AS s SET happened_at = happened_at + interval '10 days'
 WHERE step = 'day_15' AND EXISTS (
       SELECT FROM complaint_step AS later WHERE later.complaint_id = s.complaint_id AND later.step = 'day_21');

-- What: a step was taken that is none
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: day_16 was no step of it
UPDATE complaint_step SET step = 'day_16' WHERE step = 'day_15';

-- What: a step was taken after the answer
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: day_15 was taken after the answer
INSERT INTO complaint_step
SELECT id, 'day_15', at, at
  FROM complaint, LATERAL (SELECT (due_at AT TIME ZONE 'America/Los_Angeles' - interval '16 days')
                                  AT TIME ZONE 'America/Los_Angeles' AS at) AS step
 WHERE answered_at < at - interval '1 day' AND at < '2027-11-01';

-- What: somebody was told that nobody has what somebody has
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: day_3 was taken though somebody had it
INSERT INTO complaint_step
SELECT id, 'day_3', at, at
  FROM complaint, LATERAL (SELECT (due_at AT TIME ZONE 'America/Los_Angeles' - interval '28 days')
                                  AT TIME ZONE 'America/Los_Angeles' AS at) AS step
 WHERE at < '2027-11-01' AND against IS NULL
   AND EXISTS (SELECT FROM complaint_assignment AS a
                WHERE a.complaint_id = complaint.id AND a.at < step.at - interval '5 hours');

-- What: a complaint is due a day later
-- Breaks: what is unanswered after thirty days is late, and nothing else
-- Says: is due at
UPDATE complaint SET due_at = (due_at AT TIME ZONE 'America/Los_Angeles' + interval '1 day')
                              AT TIME ZONE 'America/Los_Angeles'
 WHERE NOT EXISTS (SELECT FROM complaint_step WHERE complaint_id = complaint.id);

-- What: what was answered in time counts as late
-- Breaks: what is unanswered after thirty days is late, and nothing else
-- Breaks: each step of escalation is taken once, in order, never early
-- Says: was in time and breached
INSERT INTO complaint_step
SELECT id, 'breach', due_at, due_at FROM complaint WHERE answered_at < due_at AND due_at < '2027-11-06';

-- What: nobody was told that a complaint is late
-- Breaks: what is unanswered after thirty days is late, and nothing else
-- Says: is late, and nobody was told
DELETE FROM alert WHERE kind = 'complaint_late';

-- What: a complaint is on no record
-- Breaks: what is unanswered after thirty days is late, and nothing else
-- Says: complaints are on no record
DELETE FROM complaint WHERE channel = 'web' AND customer_id IS NULL;

-- What: a letter that came back counts as an answer
-- Breaks: what is unanswered after thirty days is late, and nothing else
-- Says: and its answer went out at None
UPDATE complaint_answer SET bounced_at = sent_at + interval '1 hour' WHERE sent_at > '2027-11-05';

-- What: a letter is on record as sent that never went out
-- Breaks: each letter goes out once
-- Says: is sent and never went out
UPDATE mail SET state = 'sent', sent_at = due_at WHERE state = 'failed';

-- What: a letter that went out is on record as held
-- Breaks: each letter goes out once
-- Says: is held and went out
UPDATE mail SET state = 'held', sent_at = NULL WHERE kind = 'policy_changed';

-- What: a letter was left lying
-- Breaks: each letter goes out once
-- Says: was left lying
UPDATE mail SET state = 'waiting' WHERE state = 'failed';

-- What: a request has no package
-- Breaks: each request for one's data is fulfilled once
-- Says: has 0 packages
DELETE FROM privacy_package;

-- What: a request has two packages
-- Breaks: each request for one's data is fulfilled once
-- Says: has 2 packages
ALTER TABLE privacy_package DROP CONSTRAINT privacy_package_request_id_once;
INSERT INTO privacy_package
SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid()))).* FROM privacy_package AS p;

-- What: a request was left lying
-- Breaks: each request for one's data is fulfilled once
-- Says: was left lying
DROP INDEX privacy_request_one_open;
UPDATE privacy_request SET answered_at = NULL, review_at = NULL WHERE kind = 'access' AND verified_at IS NOT NULL;

-- What: a package was made for who never showed that it was them
-- Breaks: each request for one's data is fulfilled once
-- Says: was fulfilled, and nobody showed that it was them
UPDATE privacy_request SET verified_at = NULL WHERE kind = 'access';

-- What: an erasure does not end and nothing is in its way
-- Breaks: whoever was erased is gone
-- Says: neither erased nor waited for
UPDATE erasure SET ended_at = NULL WHERE ended_at IS NOT NULL;

-- What: an erasure waits for what is over
-- Breaks: whoever was erased is gone
-- Says: neither erased nor waited for
UPDATE erasure SET ended_at = NULL WHERE ended_at IS NOT NULL;
INSERT INTO erasure_wait (erasure_id, kind, subject_id, found_at)
SELECT e.id, 'open_order', o.id, e.begun_at FROM erasure AS e, customer_order AS o WHERE o.status = 'fulfilled'
    ON CONFLICT DO NOTHING;

-- What: the key of whoever was erased is there
-- Breaks: whoever was erased is gone
-- Says: still readable
INSERT INTO vault.data_key
SELECT e.customer_id, k.wrapped, k.master_key, k.created_at
  FROM erasure AS e, vault.data_key AS k WHERE e.ended_at IS NOT NULL LIMIT 1;

-- What: an erasure left no stone
-- Breaks: whoever was erased is gone
-- Says: without a stone
DELETE FROM vault.tombstone WHERE scope = 'customer';

-- What: the address of whoever was erased is there
-- Breaks: whoever was erased is gone
-- Says: still found
UPDATE address SET sealed = '\x01'
 WHERE customer_id IN (SELECT customer_id FROM erasure WHERE ended_at IS NOT NULL);

-- What: whoever was erased is counted
-- Breaks: whoever was erased is gone
-- Says: still found
INSERT INTO pseudonym
SELECT gen_random_uuid(), customer_id, 'improve_service', '2027-Q4', ended_at
  FROM erasure WHERE ended_at IS NOT NULL;

-- What: a budget is overdrawn
-- Breaks: no budget of figures is passed, all was counted
-- Says: 1 envelopes overdrawn
ALTER TABLE envelope DROP CONSTRAINT envelope_never_overspent;
UPDATE envelope SET spent_microrho = cap_microrho + 1 WHERE id = 'count:2027-Q3';

-- What: an answer cost nothing
-- Breaks: no budget of figures is passed, all was counted
-- Says: 1 envelopes that differ from what was paid out of them
UPDATE envelope SET spent_microrho = 0 WHERE id = 'count:2027-Q3';

-- What: a budget is of another year
-- Breaks: no budget of figures is passed, all was counted
-- Says: budgets of another year than their period
UPDATE envelope SET year = 2028 WHERE id = 'count:2027-Q3';

-- What: a release was paid out of another budget
-- Breaks: no budget of figures is passed, all was counted
-- Says: releases paid out of another budget than their own
UPDATE release SET envelope_id = 'breadth:2027-Q3';

-- What: a release has no answer
-- Breaks: no budget of figures is passed, all was counted
-- Says: 1 releases without an answer for a day
DELETE FROM release_answer;

-- What: a day was not counted
-- Breaks: no budget of figures is passed, all was counted
-- Says: 1 days not counted in time
UPDATE counted_day SET counted_at = NULL WHERE day = '2027-10-20';

-- What: a quarter was not released
-- Breaks: no budget of figures is passed, all was counted
-- Says: 1 quarters not released in time
DELETE FROM release_answer;
DELETE FROM release;
UPDATE envelope SET spent_microrho = 0;

-- What: an answer is kept that nobody gave
-- Breaks: surveys are told once, of what people said and did not take back
-- Says: has {'okra': 1} for {}
INSERT INTO survey_answer
SELECT gen_random_uuid(), q.id, 'What?', 'okra'
  FROM survey_question AS q JOIN survey AS s ON s.id = q.survey_id WHERE s.state = 'open' AND q.kind <> 'sensitive';

-- What: a survey is on no record
-- Breaks: surveys are told once, of what people said and did not take back
-- Says: is on no record
DELETE FROM survey WHERE state = 'open';

-- What: the figures of a survey that is closed are not out
-- Breaks: surveys are told once, of what people said and did not take back
-- Says: is closed and its figures are not out
UPDATE survey SET state = 'closed', closed_at = '2027-10-30' WHERE state = 'open';

-- What: a survey is released without figures
-- Breaks: surveys are told once, of what people said and did not take back
-- Says: has 0 figures of
UPDATE survey SET state = 'released', closed_at = '2027-11-05' WHERE state = 'open';

-- What: a quarter has two surveys
-- Breaks: surveys are told once, of what people said and did not take back
-- Says: surveys in 2027-Q4
DROP INDEX survey_once_a_quarter;
UPDATE survey SET state = 'open' WHERE state = 'draft';

-- What: a survey is told before it is over, and what is told is far off
-- Breaks: surveys are told once, of what people said and did not take back
-- Breaks: no budget of figures is passed, all was counted
-- Says: 1000 for okra where 0 said so
INSERT INTO release (key, kind, period, question, envelope_id, microrho, debited_at, code_version)
SELECT q.id::text, 'survey', s.quarter, jsonb_build_object('survey', s.id, 'question', q.id), 'survey:2027-Q4', 2000,
       '2027-11-06', '2'
  FROM survey_question AS q JOIN survey AS s ON s.id = q.survey_id WHERE s.state = 'open' AND q.kind <> 'sensitive';
INSERT INTO release_answer
SELECT key, '{"keys": [["okra"]], "counts": [1000], "scale": 9, "within": 9, "within_both": 9, "each_max": 1}',
       debited_at
  FROM release WHERE kind = 'survey';

-- What: a survey was paid for and not told
-- Breaks: surveys are told once, of what people said and did not take back
-- Breaks: no budget of figures is passed, all was counted
-- Says: was paid for and not answered
INSERT INTO release (key, kind, period, question, envelope_id, microrho, debited_at, code_version)
SELECT q.id::text, 'survey', s.quarter, jsonb_build_object('survey', s.id, 'question', q.id), 'survey:2027-Q4', 2000,
       '2027-11-06', '2'
  FROM survey_question AS q JOIN survey AS s ON s.id = q.survey_id WHERE s.state = 'open';

-- What: figures are out of a survey that nobody opened
-- Breaks: surveys are told once, of what people said and did not take back
-- Breaks: no budget of figures is passed, all was counted
-- Says: which nobody opened
INSERT INTO release (key, kind, period, question, envelope_id, microrho, debited_at, code_version)
SELECT q.id::text, 'survey', s.quarter, jsonb_build_object('survey', s.id, 'question', q.id), 'survey:2027-Q4', 2000,
       '2027-11-06', '2'
  FROM survey_question AS q JOIN survey AS s ON s.id = q.survey_id WHERE s.state = 'draft';

-- What: a question of staff has no answer
-- Breaks: staff get eight questions a year, each answered once
-- Breaks: no budget of figures is passed, all was counted
-- Says: share:kale was not answered
INSERT INTO release (key, kind, period, question, envelope_id, microrho, debited_at, code_version)
VALUES ('share:kale', 'share', '2027-Q3', '{}', 'question:2027', 5000, '2027-11-06', '2');

-- What: a question of staff was paid for by another budget
-- Breaks: staff get eight questions a year, each answered once
-- Breaks: no budget of figures is passed, all was counted
-- Says: share:kale was paid for by another budget
INSERT INTO release (key, kind, period, question, envelope_id, microrho, debited_at, code_version)
VALUES ('share:kale', 'share', '2027-Q3', '{}', 'products:2027-Q3', 5000, '2027-11-06', '2');

-- What: staff got nine answers in a year
-- Breaks: staff get eight questions a year, each answered once
-- Breaks: no budget of figures is passed, all was counted
-- Says: 9 questions in 2027
INSERT INTO release (key, kind, period, question, envelope_id, microrho, debited_at, code_version)
SELECT 'share:' || n, 'share', '2027-Q3', '{}', 'question:2027', 5000, '2027-11-06', '2' FROM generate_series(1, 9) AS n;

-- What: an account was debited before anybody knew whose it is
-- Breaks: each debit comes to what its bank says
-- Says: was sent before anybody knew whose account it is
UPDATE payment_method SET verified_at = NULL WHERE kind = 'bank';

-- What: a debit ended before its bank had said anything
-- Breaks: each debit comes to what its bank says
-- Says: ended before its bank had said anything
UPDATE attempt SET ended_at = sent_at + interval '1 hour' WHERE state = 'succeeded';

-- What: a debit has no end
-- Breaks: each debit comes to what its bank says
-- Says: has no end
UPDATE attempt SET sent_at = sent_at - interval '8 days' WHERE state = 'open';

-- What: a debit was paid and nothing is in the ledger
-- Breaks: each debit comes to what its bank says
-- Breaks: every invariant of money holds
-- Breaks: Stripe, the ledger and the orders say the same
-- Says: is succeeded and None cents were charged
DELETE FROM ledger_entry WHERE stripe_id IN (SELECT stripe_charge_id FROM attempt JOIN payment_method AS m
    ON m.id = payment_method_id AND m.kind = 'bank');

-- What: somebody was debited whose debit had come back
-- Breaks: each debit comes to what its bank says
-- Says: was placed though a debit had come back
UPDATE payment_method SET customer_id = (SELECT customer_id FROM payment_method WHERE kind = 'bank' LIMIT 1)
 WHERE kind = 'bank';

-- What: a message was never read
-- Breaks: each message in the mailbox became one thing
-- Says: was read 0 times
DELETE FROM inbound_message;

-- What: a message became something else
-- Breaks: each message in the mailbox became one thing
-- Says: became own
UPDATE inbound_message SET outcome = 'own';

-- What: a complaint came of no message
-- Breaks: each message in the mailbox became one thing
-- Says: complaints of 7 messages
UPDATE complaint SET channel = 'mail' WHERE channel = 'web';

-- What: what somebody added is gone
-- Breaks: each message in the mailbox became one thing
-- Says: 0 additions of
DELETE FROM complaint_addition WHERE kind = 'text';

-- What: a letter that came back raised no alert
-- Breaks: each message in the mailbox became one thing
-- Says: raised 0 alerts
DELETE FROM alert WHERE kind = 'mail_returned';

-- What: a quarter has no review
-- Breaks: each quarter is reviewed, and each line of it decided once
-- Says: there are reviews of
DELETE FROM access_review;

-- What: a review was opened late
-- Breaks: each quarter is reviewed, and each line of it decided once
-- Says: 2027-Q4 was opened
UPDATE access_review SET opened_at = opened_at + interval '5 days';

-- What: a review is about nobody
-- Breaks: each quarter is reviewed, and each line of it decided once
-- Says: 2027-Q4 is about nobody
DELETE FROM access_review_line;

-- What: a line that was decided is on no record
-- Breaks: each quarter is reviewed, and each line of it decided once
-- Says: 1 lines that were decided are on no record
DELETE FROM access_review_line WHERE id = (SELECT id FROM access_review_line WHERE outcome IS NOT NULL LIMIT 1);

-- What: a line that was decided is open
-- Breaks: each quarter is reviewed, and each line of it decided once
-- Breaks: what audits find is followed up or shown overdue
-- Says: is open, was decided 1 times
UPDATE access_review_line SET outcome = NULL, decided_by = NULL, decided_at = NULL;

-- What: somebody decided about themselves
-- Breaks: each quarter is reviewed, and each line of it decided once
-- Says: was decided by whom it is about
ALTER TABLE access_review_line DROP CONSTRAINT access_review_line_by_another;
UPDATE access_review_line SET decided_by = staff_id WHERE outcome IS NOT NULL;

-- What: a finding is on no record
-- Breaks: what audits find is followed up or shown overdue
-- Says: 0 findings of
DELETE FROM audit_finding;

-- What: what was mended is open
-- Breaks: what audits find is followed up or shown overdue
-- Says: is open, and people think mended
UPDATE audit_finding SET state = 'open', mended_by = NULL, mended_at = NULL, mended_how = NULL
 WHERE state = 'mended';

-- What: what is severe was closed by who mended it
-- Breaks: what audits find is followed up or shown overdue
-- Says: was closed by who mended it
ALTER TABLE audit_finding DROP CONSTRAINT audit_finding_four_eyes;
UPDATE audit_finding SET severity = 'severe', state = 'closed', closed_by = mended_by, closed_at = mended_at
 WHERE state = 'mended';

-- What: an overdue finding is shown nowhere
-- Breaks: what audits find is followed up or shown overdue
-- Says: is shown nowhere
UPDATE audit_finding SET follow_up_by = '2027-11-01';

-- What: an audit is shown overdue that is not
-- Breaks: what audits find is followed up or shown overdue
-- Says: is shown, and is not so
INSERT INTO alert SELECT gen_random_uuid(), 'audit_overdue', id::text, '2027-11-06' FROM audit_plan;

-- What: a paper was shredded at another time
-- Breaks: paper is shredded on its day, before a witness, and under no hold
-- Says: and people say
UPDATE paper_item SET shredded_at = shredded_at + interval '1 hour' WHERE shredded_at IS NOT NULL;

-- What: a paper was shredded under a hold
-- Breaks: paper is shredded on its day, before a witness, and under no hold
-- Says: was shredded under a hold
UPDATE paper_item SET correspondent_id = NULL, staff_id = NULL, customer_id = h.customer_id
  FROM legal_hold AS h WHERE shredded_at > h.placed_at AND h.lifted_at IS NULL;

-- What: a paper was shredded alone
-- Breaks: paper is shredded on its day, before a witness, and under no hold
-- Says: was shredded before 1 pairs of eyes
ALTER TABLE paper_item DROP CONSTRAINT paper_item_witness_is_another;
UPDATE paper_item SET witness = shredded_by WHERE shredded_by IS NOT NULL;

-- What: a paper was shredded early for no reason
-- Breaks: paper is shredded on its day, before a witness, and under no hold
-- Says: was shredded before its day
ALTER TABLE paper_item DROP CONSTRAINT paper_item_not_early;
UPDATE paper_item SET early = NULL WHERE early IS NOT NULL;

-- What: a paper was shredded and nothing tells
-- Breaks: paper is shredded on its day, before a witness, and under no hold
-- Breaks: the audit trail is whole
-- Says: was shredded and is told 0 times
DELETE FROM audit_entry WHERE act = 'paper_shredded';

-- What: a paper left no stone
-- Breaks: paper is shredded on its day, before a witness, and under no hold
-- Says: was shredded and has no stone
DELETE FROM vault.tombstone WHERE scope = 'paper';

-- What: a paper is due and nothing says so
-- Breaks: paper is shredded on its day, before a witness, and under no hold
-- Says: papers are due, and nothing says so
UPDATE paper_item SET keep_until = filed_at WHERE shredded_at IS NULL;

-- What: a cabinet is said to have no key
-- Breaks: paper is shredded on its day, before a witness, and under no hold
-- Says: 0 cabinets have no key and 2 alerts
INSERT INTO alert SELECT gen_random_uuid(), 'cabinet_unkept', id::text, '2027-11-06' FROM cabinet;

-- What: a task is dead
-- Breaks: no task is dead or stuck
-- Breaks: every invariant of money holds
-- Says: is dead
UPDATE task SET state = 'dead' WHERE topic = 'prove_trail';

-- What: a task lost its worker
-- Breaks: no task is dead or stuck
-- Says: is running
UPDATE task SET state = 'running', lease = gen_random_uuid(), lease_until = '2027-11-07' WHERE topic = 'prove_trail';

-- What: a task was never begun
-- Breaks: no task is dead or stuck
-- Breaks: every invariant of money holds
-- Says: is pending
UPDATE task SET state = 'pending' WHERE topic = 'prove_trail';

-- What: a day is left out
-- Breaks: no day is left out by the clock
-- Says: prune of 2027-11-05
DELETE FROM timed_run WHERE job = 'prune' AND slot = '2027-11-05';

-- What: the last days are left out
-- Breaks: no day is left out by the clock
-- Says: prove_trail of 2027-11-06
DELETE FROM timed_run WHERE job = 'prove_trail' AND slot > '2027-11-04';

-- What: a job never comes
-- Breaks: no day is left out by the clock
-- Says: reconcile never came
DELETE FROM timed_run WHERE job = 'reconcile';

-- What: a column is not classified
-- Breaks: nothing is kept that nobody classified
-- Says: customer.shoe_size
ALTER TABLE customer ADD COLUMN shoe_size integer;

-- What: a key of a document is not classified
-- Breaks: nothing is kept that nobody classified
-- Says: shoe_size
UPDATE task SET arguments = arguments || '{"shoe_size": 44}' WHERE topic = 'prove_trail';

-- What: a consent names a policy of days to come
-- Breaks: each consent names a policy that was in force
-- Says: names version 2027-11-11
UPDATE consent SET policy_version = '2027-11-11' WHERE policy_version = '2027-10-23';

-- What: a consent names a policy that was over
-- Breaks: each consent names a policy that was in force
-- Says: names version 2026-11-01
UPDATE consent SET policy_version = '2026-11-01' WHERE policy_version = '2027-10-23';

-- What: a control is red
-- Breaks: what the shop keeps by itself is kept
-- Says: retention:
UPDATE control_run SET passed = false WHERE control = 'retention';

-- What: a control was not looked after
-- Breaks: what the shop keeps by itself is kept
-- Says: figures was not looked after
DELETE FROM control_run WHERE control = 'figures' AND ran_at > '2027-10-20';

-- What: a line of the trail was changed
-- Breaks: the audit trail is whole
-- Says: is not what was sealed
UPDATE audit_entry SET act = 'logged_in' WHERE act = 'designated';

-- What: the end of the trail was cut off
-- Breaks: the audit trail is whole
-- Says: was deleted
DELETE FROM audit_entry WHERE act = 'erased';

-- What: an order counts as paid that was cancelled
-- Breaks: every invariant of money holds
-- Breaks: Stripe, the ledger and the orders say the same
-- Says: An order is paid exactly where its payment succeeded
UPDATE customer_order SET status = 'paid', paid_at = placed_at, cancelled_at = NULL WHERE status = 'cancelled';

-- What: the ledger has a cent more than Stripe
-- Breaks: Stripe, the ledger and the orders say the same
-- Breaks: every invariant of money holds
-- Says: refunded: Sums
UPDATE ledger_entry SET amount_cents = amount_cents + 1 WHERE kind = 'refund';

-- What: a refund at Stripe is on no record
-- Breaks: Stripe, the ledger and the orders say the same
-- Breaks: every invariant of money holds
-- Says: refunded: Sums
DELETE FROM refund;

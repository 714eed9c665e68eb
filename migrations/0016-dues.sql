-- What a customer's account owes is found by the account; whoever owes nothing is not in it.
CREATE INDEX party_dues ON party(customer_account_id, id) WHERE balance_paise <> 0;

namespace CacheProxy.Budget;

/// <summary>One budget of one tenant, user and model: its window now, and the one before, to which late calls and a clock that was set back still belong. Belongs to the book's lock.</summary>
internal sealed class BudgetAccount(AccountKey key, BudgetRule rule, BudgetVersions versions)
{
    private AccountWindow? _previous;

    public AccountKey Key => key;

    public BudgetVersions Versions => versions;

    public string Hex { get; } = key.ToHex();

    /// <summary>As the settings have it now.</summary>
    public BudgetRule Rule { get; set; } = rule;

    public AccountWindow? Current { get; private set; }

    public IEnumerable<AccountWindow> Windows => (Current, _previous) switch
    {
        (null, _) => [],
        (_, null) => [Current],
        _ => [Current, _previous],
    };

    public AccountWindow At(DateTimeOffset now) => At(Rule.Calendar.At(now));

    public AccountWindow At(WindowSpan span)
    {
        if (Current?.Span == span)
        {
            return Current;
        }

        (Current, _previous) = (_previous?.Span == span ? _previous : new AccountWindow(this, span), Current);
        return Current;
    }
}

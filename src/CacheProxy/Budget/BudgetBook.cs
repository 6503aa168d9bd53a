using CacheProxy.Exchange;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Options;

namespace CacheProxy.Budget;

/// <summary>
/// The budgets as the settings have them now, and the accounts of all who count in them. A request that fits no budget costs a few comparisons
/// and no memory. Accounts outlive a change of the settings.
/// </summary>
internal sealed class BudgetBook(IOptionsMonitor<BudgetsOptions> options, TenantNames tenants, ScopeResolver hashes, TimeProvider time)
{
    // Half a kilobyte each. Clients make up users and models: who comes when it is full counts together with all others that do.
    private const int MaxAccountsPerBudget = 10_000;

    private const int MaxNameLength = 256;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<AccountKey, BudgetAccount> _accounts = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private volatile Table? _table;
    private long _sweptAt;

    /// <summary>Guards accounts and their windows: held for some comparisons and additions, never over a call.</summary>
    public Lock Lock { get; } = new();

    public BudgetVersions Versions { get; } = new();

    public bool IsEmpty => CurrentTable.Rules.Length == 0;

    /// <summary>The windows, now, of all budgets that the request counts in.</summary>
    public AccountWindow[] Find(ExchangeFeature exchange)
    {
        Table table = CurrentTable;
        if (table.Rules.Length == 0)
        {
            return [];
        }

        string model = exchange.Facts.Model;
        var subject = new BudgetSubject(tenants.Of(exchange), tenants.IdOf(exchange), exchange.Facts.User ?? "", exchange.Route?.ModelOf(model) ?? model);
        AccountWindow[]? found = null;
        int count = 0;
        foreach (BudgetRule rule in table.Rules)
        {
            if (rule.Fits(subject))
            {
                found ??= new AccountWindow[table.Rules.Length];
                AccountKey key = rule.KeyOf(subject, hashes);
                lock (Lock)
                {
                    found[count++] = Open_NeedsLock(rule, key).At(time.GetUtcNow());
                }
            }
        }

        return found is null ? [] : found[..count];
    }

    /// <summary>The windows, now, of all budgets that count whoever asks: what the proxy spends by itself is nobody's in particular.</summary>
    public AccountWindow[] FindForAll(string model)
    {
        var found = new List<AccountWindow>();
        foreach (BudgetRule rule in CurrentTable.Rules)
        {
            var subject = new BudgetSubject("", "", "", model);
            if (rule.IsForAll && rule.Fits(subject))
            {
                lock (Lock)
                {
                    found.Add(Open_NeedsLock(rule, rule.KeyOf(subject, hashes)).At(time.GetUtcNow()));
                }
            }
        }

        return [.. found];
    }

    /// <summary>The first budget that the amount does not fit into; null: into all.</summary>
    public BudgetRefusal? Judge(AccountWindow[] windows, BudgetAmount more)
    {
        lock (Lock)
        {
            return Judge_NeedsLock(windows, more);
        }
    }

    /// <summary>Adds the amount to all windows, or to none of them.</summary>
    public BudgetRefusal? TryAdd(AccountWindow[] windows, BudgetAmount amount)
    {
        lock (Lock)
        {
            BudgetRefusal? refusal = Judge_NeedsLock(windows, amount);
            if (refusal is null)
            {
                Array.ForEach(windows, window => window.Add(amount));
            }

            return refusal;
        }
    }

    /// <summary>What a file says is used of a window; nothing where its budget is no longer set.</summary>
    public void Restore(AccountKey key, WindowSpan span, IEnumerable<KeyValuePair<string, BudgetShare>> shares)
    {
        if (Array.Find(CurrentTable.Rules, rule => rule.Name == key.Budget) is not { } rule || rule.Calendar.At(time.GetUtcNow()) != span)
        {
            return;
        }

        lock (Lock)
        {
            AccountWindow window = Open_NeedsLock(rule, key).At(span);
            foreach ((string proxy, BudgetShare share) in shares)
            {
                window.Learn(proxy, share);
            }
        }
    }

    /// <summary>Every window that is kept, a copy of the list.</summary>
    public AccountWindow[] Windows
    {
        get
        {
            lock (Lock)
            {
                return [.. _accounts.Values.SelectMany(account => account.Windows)];
            }
        }
    }

    /// <summary>Every account that a budget of the settings has now, in their order, in its window now.</summary>
    public AccountWindow[] Present
    {
        get
        {
            BudgetRule[] rules = CurrentTable.Rules;
            DateTimeOffset now = time.GetUtcNow();
            lock (Lock)
            {
                ILookup<BudgetRule, BudgetAccount> byRule = _accounts.Values.ToLookup(account => account.Rule);
                return [.. rules.SelectMany(rule => byRule[rule].OrderBy(account => account.Key.ToString(), StringComparer.Ordinal)).Select(account => account.At(now))];
            }
        }
    }

    private Table CurrentTable
    {
        get
        {
            BudgetsOptions current = options.CurrentValue;
            Table? table = _table;
            return table is not null && ReferenceEquals(table.Source, current) ? table : TakeOver(current);
        }
    }

    private static BudgetRefusal? Judge_NeedsLock(AccountWindow[] windows, BudgetAmount more)
    {
        foreach (AccountWindow window in windows)
        {
            if (window.Refuses(more) is { } unit)
            {
                return new BudgetRefusal(window, unit);
            }
        }

        return null;
    }

    private Table TakeOver(BudgetsOptions source)
    {
        lock (Lock)
        {
            if (_table is { } table && ReferenceEquals(table.Source, source))
            {
                return table;
            }

            table = new Table(source, [.. source.Select(budget => new BudgetRule(budget))]);
            foreach (BudgetAccount account in _accounts.Values.ToArray())
            {
                BudgetRule? rule = Array.Find(table.Rules, rule => rule.Name == account.Key.Budget);
                if (rule is not null && rule.Each == account.Rule.Each)
                {
                    account.Rule = rule;
                }
                else if (rule is not null)
                {
                    // It is counted by something else now: what these accounts were for is gone.
                    _accounts.Remove(account.Key);
                    _counts[account.Key.Budget]--;
                }
            }

            // Shown before anybody has used them.
            foreach (BudgetRule rule in table.Rules.Where(rule => rule.Each == default))
            {
                Open_NeedsLock(rule, new AccountKey(rule.Name, "", "", ""));
            }

            return _table = table;
        }
    }

    private BudgetAccount Open_NeedsLock(BudgetRule rule, AccountKey key)
    {
        if (_accounts.TryGetValue(key, out BudgetAccount? account))
        {
            return account;
        }

        if (_counts.GetValueOrDefault(rule.Name) >= MaxAccountsPerBudget)
        {
            Sweep_NeedsLock();
        }

        int count = _counts.GetValueOrDefault(rule.Name);
        AccountKey others = AccountKey.OthersOf(rule.Name);
        if (key != others && (count >= MaxAccountsPerBudget || key.Model.Length > MaxNameLength))
        {
            return Open_NeedsLock(rule, others);
        }

        _counts[rule.Name] = count + 1;
        return _accounts[key] = new BudgetAccount(key, rule, Versions);
    }

    /// <summary>Forgets accounts that nobody has used in their window now; looks through them at most once a minute.</summary>
    private void Sweep_NeedsLock()
    {
        if (_sweptAt != 0 && time.GetElapsedTime(_sweptAt) < SweepInterval)
        {
            return;
        }

        _sweptAt = time.GetTimestamp();
        DateTimeOffset now = time.GetUtcNow();
        foreach (BudgetAccount account in _accounts.Values.Where(account => account.Current is null || account.Current.Span.End <= now).ToArray())
        {
            _accounts.Remove(account.Key);
            _counts[account.Key.Budget]--;
        }
    }

    private sealed record Table(BudgetsOptions Source, BudgetRule[] Rules);
}

using CacheProxy.Budget.Shared;
using CacheProxy.Tenancy;

namespace CacheProxy.Budget;

/// <summary>Says once a window that a budget is nearly or wholly used: in the log, to those who listen, and in counters. Also what every budget's state is.</summary>
internal sealed partial class BudgetAlarms(
    BudgetBook book, TenantNames tenants, SharedBudgets? shared, IEnumerable<IBudgetObserver> observers, BudgetMetrics metrics, ILogger<BudgetAlarms> logger) : IBudgetStates
{
    private readonly IBudgetObserver[] _observers = [.. observers];

    public IReadOnlyList<BudgetState> All
    {
        get
        {
            AccountWindow[] windows = book.Present;
            lock (book.Lock)
            {
                return [.. windows.Select(StateOf_NeedsLock)];
            }
        }
    }

    /// <summary>After something was counted.</summary>
    public void Look(AccountWindow[] windows)
    {
        foreach (AccountWindow window in windows)
        {
            BudgetState state;
            lock (book.Lock)
            {
                double share = window.Account.Rule.Limits.Fullest(window.Used).Share;
                bool isNews = (share >= 1 && !window.HasRefused) || (share >= window.Account.Rule.Soft && !window.HasWarned);
                if (!isNews)
                {
                    continue;
                }

                window.HasWarned = true;
                window.HasRefused |= share >= 1;
                state = StateOf_NeedsLock(window);
            }

            Say(state);
        }
    }

    /// <summary>A request was answered 429 for its sake.</summary>
    public void Refused(AccountWindow window)
    {
        metrics.Refused(window.Account.Key.Budget);
        BudgetState state;
        lock (book.Lock)
        {
            window.Refusals++;
            if (window.HasRefused)
            {
                return;
            }

            window.HasWarned = window.HasRefused = true;
            state = StateOf_NeedsLock(window) with { Level = BudgetLevel.Hard };
        }

        Say(state);
    }

    /// <summary>A call was made whose price is not known.</summary>
    public void Unpriced(AccountWindow[] windows, string model)
    {
        foreach (AccountWindow window in windows)
        {
            if (window.Account.Rule.Limits.Nanodollars >= 0)
            {
                bool isFirst;
                lock (book.Lock)
                {
                    isFirst = window.Unpriced == 1;
                }

                metrics.Unpriced(window.Account.Key.Budget);
                if (isFirst)
                {
                    Log.Unpriced(logger, window.Account.Key.Budget, model);
                }
            }
        }
    }

    private void Say(BudgetState state)
    {
        metrics.Reached(state.Name, state.Level);
        string who = string.Join(", ", new[] { state.Tenant, state.User, state.Model }.Where(part => part is not null));
        if (state.Level == BudgetLevel.Hard)
        {
            Log.Spent(logger, state.Name, who, state.WindowEnd, state.IsHard ? "what would go upstream is refused" : "it only warns");
        }
        else
        {
            Log.Near(logger, state.Name, who, state.UsedShare, state.WindowEnd);
        }

        if (_observers.Length > 0)
        {
            _ = Task.Run(() => Array.ForEach(_observers, observer => observer.OnLevel(state)));
        }
    }

    private BudgetState StateOf_NeedsLock(AccountWindow window)
    {
        BudgetRule rule = window.Account.Rule;
        AccountKey key = window.Account.Key;
        BudgetAmount used = window.Used;
        double share = rule.Limits.Fullest(used).Share;
        return new BudgetState
        {
            Name = rule.Name,
            Tenant = rule.ShowTenant(tenants.NameOf(key.Tenant)),
            User = rule.ShowUser(key.User),
            Model = rule.ShowModel(key.Model),
            WindowStart = window.Span.Start,
            WindowEnd = window.Span.End,
            Requests = UseOf(BudgetUnit.Requests),
            Tokens = UseOf(BudgetUnit.Tokens),
            Money = UseOf(BudgetUnit.Money),
            UsedShare = share,
            SoftShare = rule.Soft,
            Level = share >= 1 ? BudgetLevel.Hard : share >= rule.Soft ? BudgetLevel.Soft : BudgetLevel.Ok,
            IsHard = rule.IsHard,
            IsShared = shared is { IsAlone: false },
            Refused = window.Refusals,
            Unpriced = window.Unpriced,
        };

        BudgetUse? UseOf(BudgetUnit unit) => rule.Limits.Of(unit) is var limit and >= 0 ? new BudgetUse(used.Of(unit), limit) : null;
    }

    private static partial class Log
    {
        [LoggerMessage(351, LogLevel.Warning, "Budget {Budget} ({Who}) is nearly used: {Used:P0}, until {End:u}", EventName = "BudgetNear")]
        public static partial void Near(ILogger logger, string budget, string who, double used, DateTimeOffset end);

        [LoggerMessage(352, LogLevel.Warning, "Budget {Budget} ({Who}) is used up until {End:u}: {Consequence}", EventName = "BudgetUsed")]
        public static partial void Spent(ILogger logger, string budget, string who, DateTimeOffset end, string consequence);

        [LoggerMessage(353, LogLevel.Warning, "Budget {Budget} cannot see what {Model} costs: nobody knows its price", EventName = "BudgetBlind")]
        public static partial void Unpriced(ILogger logger, string budget, string model);
    }
}

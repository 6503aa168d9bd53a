namespace CacheProxy.Budget.Shared;

/// <summary>
/// Counts together with other proxies. One call is under way at a time; what comes meanwhile goes with the next, together, so that a request
/// waits for two calls at most. While the others cannot be reached this proxy decides by what it last heard and what it has used itself, and
/// tells its share when they can be again: shares replace what was told before and are never added up twice.
/// </summary>
internal sealed partial class SharedBudgets(BudgetBook book, ISharedBudgetStore store, TimeProvider time, ILogger<SharedBudgets> logger)
{
    private const int MostClaims = 128;
    private const int MostWindows = 256;

    // Kept past the window's end for calls that end late and clocks that differ.
    private static readonly TimeSpan KeptAfter = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Queue<PendingClaim> _pending = new();
    private readonly string _proxy = Guid.NewGuid().ToString("N")[..16];
    private bool _isRunning;
    private volatile bool _isAlone;

    /// <summary>The others could not be reached when they were last asked.</summary>
    public bool IsAlone => _isAlone;

    /// <summary>This process, in the shares of all.</summary>
    public string Proxy => _proxy;

    /// <summary>Adds the amount to all windows, or to none of them.</summary>
    public Task<BudgetRefusal?> TryAddAsync(AccountWindow[] windows, BudgetAmount amount) => AskAsync(new PendingClaim(windows, amount));

    /// <summary>Hears what is used of the windows, and tells what changed in them.</summary>
    public Task RefreshAsync(AccountWindow[] windows) => AskAsync(new PendingClaim(windows, null));

    private Task<BudgetRefusal?> AskAsync(PendingClaim claim)
    {
        lock (_lock)
        {
            _pending.Enqueue(claim);
            if (_isRunning)
            {
                return claim.Task;
            }

            _isRunning = true;
        }

        _ = RunAsync();
        return claim.Task;
    }

    private async Task RunAsync()
    {
        while (Take() is { Count: > 0 } claims)
        {
            AccountWindow[] windows = [.. claims.SelectMany(claim => claim.Windows).Distinct()];
            bool isDone = false;
            try
            {
                isDone = await TellAsync(windows, claims);
            }
            catch (Exception exception)
            {
                // A bug, or a reply that makes no sense: who waits gets an answer all the same.
                Log.Failed(logger, exception);
            }

            Note(isDone);
            if (!isDone)
            {
                claims.ForEach(claim => claim.Complete(claim.Amount is { } amount ? book.TryAdd(claim.Windows, amount) : null));
            }
        }
    }

    private List<PendingClaim> Take()
    {
        lock (_lock)
        {
            var claims = new List<PendingClaim>();
            int windows = 0;
            while (claims.Count < MostClaims && _pending.TryPeek(out PendingClaim? next) && (claims.Count == 0 || windows + next.Windows.Length <= MostWindows))
            {
                claims.Add(_pending.Dequeue());
                windows += next.Windows.Length;
            }

            _isRunning = claims.Count > 0;
            return claims;
        }
    }

    /// <returns>False: the others were not reached, and nobody was answered.</returns>
    private async Task<bool> TellAsync(AccountWindow[] windows, List<PendingClaim> claims)
    {
        // The second time where the store has forgotten what it was told.
        for (int tries = 0; tries < 2; tries++)
        {
            if (!await MergeAsync(windows))
            {
                return false;
            }

            List<PendingClaim> asking = claims.FindAll(claim => claim.Amount is not null);
            (SharedBudgetCall call, long[] changes) = Prepare(windows, asking);
            SharedBudgetReply? reply = await store.TellAsync(call, CancellationToken.None);
            if (reply is null)
            {
                return false;
            }

            if (!reply.HasForgotten)
            {
                TakeOver(windows, call, changes, reply);
                for (int i = 0; i < asking.Count; i++)
                {
                    asking[i].Complete(reply.Refusals[i] is { } refusal ? new BudgetRefusal(windows[refusal.Window], refusal.Unit) : null);
                }

                claims.FindAll(claim => claim.Amount is null).ForEach(claim => claim.Complete(null));
                return true;
            }

            lock (book.Lock)
            {
                Array.ForEach(windows, window => window.KnowsShares = window.IsKeptOutside = false);
            }
        }

        return false;
    }

    private async Task<bool> MergeAsync(AccountWindow[] windows)
    {
        List<(AccountWindow Window, SharedBudgetWindow Shared, Dictionary<string, BudgetShare> Known)> unknown = [];
        lock (book.Lock)
        {
            foreach (AccountWindow window in windows.Where(window => !window.KnowsShares))
            {
                unknown.Add((window, ToShared(window), new Dictionary<string, BudgetShare>(window.Others)));
            }
        }

        // All are asked for before the first answer is awaited: one round trip, and the first ones of a window only.
        IReadOnlyDictionary<string, BudgetShare>?[] all = await Task.WhenAll(
            unknown.Select(each => store.MergeAsync(each.Shared, each.Known, CancellationToken.None).AsTask()));
        lock (book.Lock)
        {
            for (int i = 0; i < all.Length; i++)
            {
                foreach ((string proxy, BudgetShare share) in all[i] ?? new Dictionary<string, BudgetShare>())
                {
                    if (proxy != _proxy)
                    {
                        unknown[i].Window.Learn(proxy, share);
                    }
                }

                unknown[i].Window.KnowsShares = all[i] is not null;
            }
        }

        return Array.TrueForAll(all, shares => shares is not null);
    }

    private (SharedBudgetCall Call, long[] Changes) Prepare(AccountWindow[] windows, List<PendingClaim> asking)
    {
        var places = new Dictionary<AccountWindow, int>();
        SharedBudgetClaim[] claims = new SharedBudgetClaim[asking.Count];
        for (int i = 0; i < windows.Length; i++)
        {
            places[windows[i]] = i;
        }

        for (int i = 0; i < claims.Length; i++)
        {
            claims[i] = new SharedBudgetClaim(asking[i].Amount!.Value, [.. asking[i].Windows.Select(window => places[window])]);
        }

        lock (book.Lock)
        {
            return (new SharedBudgetCall(_proxy, book.Versions.Next(), [.. windows.Select(ToShared)], claims), [.. windows.Select(window => window.Changes)]);
        }
    }

    private void TakeOver(AccountWindow[] windows, SharedBudgetCall call, long[] changes, SharedBudgetReply reply)
    {
        BudgetAmount[] taken = new BudgetAmount[windows.Length];
        for (int i = 0; i < call.Claims.Count; i++)
        {
            if (reply.Refusals[i] is null)
            {
                Array.ForEach(call.Claims[i].Windows, place => taken[place] += call.Claims[i].Amount);
            }
        }

        long now = time.GetTimestamp();
        lock (book.Lock)
        {
            for (int i = 0; i < windows.Length; i++)
            {
                AccountWindow window = windows[i];
                bool isUnchanged = window.Changes == changes[i];
                window.Add(taken[i]);
                window.Hear(reply.Totals[i] - call.Windows[i].Own - taken[i], now);
                window.IsKeptOutside = true;
                // What was settled meanwhile goes with the next call.
                window.Told = isUnchanged ? window.Changes : changes[i];
            }
        }
    }

    private SharedBudgetWindow ToShared(AccountWindow window)
    {
        TimeSpan left = window.Span.End - time.GetUtcNow();
        return new SharedBudgetWindow(
            window.StoreKey, (left > TimeSpan.Zero ? left : TimeSpan.Zero) + KeptAfter, window.Own, window.IsKeptOutside, window.Account.Rule.Refusing);
    }

    private void Note(bool isDone)
    {
        if (_isAlone == isDone)
        {
            _isAlone = !isDone;
            if (isDone)
            {
                Log.Together(logger);
            }
            else
            {
                Log.Alone(logger);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(361, LogLevel.Warning, "Redis cannot be reached: this proxy keeps the budgets alone, by what it last heard of the others", EventName = "BudgetsAlone")]
        public static partial void Alone(ILogger logger);

        [LoggerMessage(362, LogLevel.Information, "Budgets are shared with the other proxies again", EventName = "BudgetsShared")]
        public static partial void Together(ILogger logger);

        [LoggerMessage(363, LogLevel.Error, "Sharing budgets failed", EventName = "BudgetSharingFailed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}

using CacheProxy.Budget.Shared;
using CacheProxy.Exchange;

namespace CacheProxy.Budget;

/// <summary>
/// Asks the budgets before money is spent, and tells them afterwards. Alone it decides within its lock; with other proxies, by one call that
/// checks and adds at once (<see cref="SharedBudgets"/>).
/// </summary>
public sealed class BudgetGuard
{
    // What was heard from the others so lately is believed where it refuses: a flood of refused requests is not a flood of questions.
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(250);

    private readonly BudgetBook _book;
    private readonly SpendEstimate _estimate;
    private readonly SharedBudgets? _shared;
    private readonly BudgetAlarms _alarms;
    private readonly TimeProvider _time;

    internal BudgetGuard(BudgetBook book, SpendEstimate estimate, SharedBudgets? shared, BudgetAlarms alarms, TimeProvider time)
        => (_book, _estimate, _shared, _alarms, _time) = (book, estimate, shared, alarms, time);

    /// <summary>No budget is set.</summary>
    public bool IsIdle => _book.IsEmpty;

    /// <summary>Sets <see cref="ExchangeFeature.Refusal"/> where a hard budget has no room for the request, and the header of those that are nearly used.</summary>
    public ValueTask JudgeAsync(HttpContext context, ExchangeFeature exchange)
    {
        AccountWindow[] windows = _book.Find(exchange);
        if (windows.Length == 0)
        {
            return default;
        }

        BudgetAmount estimate = _estimate.Of(exchange);
        BudgetRefusal? refusal = _book.Judge(windows, estimate);
        if (refusal is not null && _shared is not null && !IsFresh(refusal.Window))
        {
            return AskOthersAsync(context, exchange, windows, estimate);
        }

        Tell(context, exchange, windows, estimate, refusal);
        return default;
    }

    /// <summary>Sets aside what the call may take. Null: nothing is counted, or <see cref="ExchangeFeature.Refusal"/> says why it must not be made.</summary>
    internal async ValueTask<BudgetReservation?> ReserveAsync(HttpContext context, ExchangeFeature exchange)
    {
        AccountWindow[] windows = _book.Find(exchange);
        if (windows.Length == 0)
        {
            return null;
        }

        BudgetAmount estimate = _estimate.Of(exchange);
        BudgetRefusal? refusal = _shared is null ? _book.TryAdd(windows, estimate) : await _shared.TryAddAsync(windows, estimate);
        if (refusal is null)
        {
            _alarms.Look(windows);
            return new BudgetReservation(windows, estimate);
        }

        Tell(context, exchange, windows, estimate, refusal);
        return null;
    }

    /// <summary>A refused request got nothing that others had paid for either, and is answered 429.</summary>
    internal void NoteRefused(ExchangeFeature exchange)
    {
        AccountWindow[] windows = _book.Find(exchange);
        if (_book.Judge(windows, _estimate.Of(exchange)) is { } refusal)
        {
            _alarms.Refused(refusal.Window);
        }
    }

    /// <summary>Counts what the call took in the place of what was set aside.</summary>
    internal void Settle(BudgetReservation reservation, ExchangeFeature exchange, int status)
    {
        BudgetAmount spent = SpentBy(exchange, status, reservation.Amount, out bool isUnpriced);
        lock (_book.Lock)
        {
            foreach (AccountWindow window in reservation.Windows)
            {
                window.Add(spent - reservation.Amount);
                window.Unpriced += isUnpriced ? 1 : 0;
            }
        }

        if (isUnpriced)
        {
            _alarms.Unpriced(reservation.Windows, exchange.Facts.Model);
        }

        _alarms.Look(reservation.Windows);
    }

    private BudgetAmount SpentBy(ExchangeFeature exchange, int status, BudgetAmount reserved, out bool isUnpriced)
    {
        BudgetAmount? told = _estimate.Spent(exchange, out isUnpriced);
        if (told is { } spent)
        {
            return spent;
        }

        // The estimate has a price, or nobody knows what it cost.
        isUnpriced = exchange.UpstreamError is null && status < StatusCodes.Status400BadRequest && isUnpriced && reserved.Nanodollars == 0;
        if (exchange.UpstreamError is not null)
        {
            // It gave no answer of its own: nobody charges for that.
            return default;
        }

        // An error costs a call and no tokens. Of an answer that was cut, or does not say what it took, the estimate is the best that is known.
        return status >= StatusCodes.Status400BadRequest ? new BudgetAmount(1, 0, 0) : reserved;
    }

    private async ValueTask AskOthersAsync(HttpContext context, ExchangeFeature exchange, AccountWindow[] windows, BudgetAmount estimate)
    {
        exchange.KeepBody();
        await _shared!.RefreshAsync(windows);
        Tell(context, exchange, windows, estimate, _book.Judge(windows, estimate));
    }

    private void Tell(HttpContext context, ExchangeFeature exchange, AccountWindow[] windows, BudgetAmount estimate, BudgetRefusal? refusal)
    {
        DateTimeOffset now = _time.GetUtcNow();
        List<(string, BudgetUnit, double, TimeSpan)>? near = null;
        lock (_book.Lock)
        {
            foreach (AccountWindow window in windows)
            {
                BudgetRule rule = window.Account.Rule;
                (BudgetUnit unit, double share) = rule.Limits.Fullest(window.Used);
                if (share >= rule.Soft || window == refusal?.Window)
                {
                    (near ??= []).Add((rule.Name, window == refusal?.Window ? refusal.Unit : unit, share, window.Span.End - now));
                }
            }

            if (refusal is not null)
            {
                exchange.Refusal = BudgetReplies.Refuse(refusal.Window, refusal.Unit, refusal.Window.Used, estimate, now);
            }
        }

        if (near is not null)
        {
            BudgetReplies.WriteHeader(context.Response, near);
        }
    }

    private bool IsFresh(AccountWindow window)
    {
        long heard;
        lock (_book.Lock)
        {
            heard = window.HeardAt;
        }

        return heard != 0 && _time.GetElapsedTime(heard) < Fresh;
    }
}

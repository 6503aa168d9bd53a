using CacheProxy.Ledger;

namespace CacheProxy.Budget;

/// <summary>
/// Counts the calls to an embedding endpoint in the budgets of all: they are made for many tenants at once, and behind their requests. They refuse nothing;
/// what they use is not there for requests any more.
/// </summary>
internal sealed class OwnCalls(BudgetBook book) : ILedgerObserver
{
    public void OnAdded(in LedgerRow row)
    {
        if (row.Work != LedgerWork.Embedding || book.IsEmpty)
        {
            return;
        }

        AccountWindow[] windows = book.FindForAll(row.Model);
        var spent = new BudgetAmount(row.Requests, Math.Max(0, row.Usage.Prompt), row.Paid?.Nanodollars ?? 0);
        lock (book.Lock)
        {
            foreach (AccountWindow window in windows)
            {
                window.Add(spent);
                window.Unpriced += row.Paid is null ? row.Requests : 0;
            }
        }
    }
}

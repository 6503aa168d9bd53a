using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Budget;

/// <summary>
/// What a call may take, before it is made, and what it took. The estimate of a text is never far below the truth: a token for every three
/// bytes of the body (English has about four to one, other scripts about three), and all the tokens that the answer may have.
/// </summary>
internal sealed class SpendEstimate(IEnumerable<IPriceBook> books, TimeProvider time)
{
    private const int BytesPerToken = 3;

    // An answer whose request names no most of tokens: more than most have. Too much would refuse what still fits.
    private const int UsualAnswerTokens = 256;

    // A picture's bytes say nothing of its tokens; providers count about a thousand for one.
    private const int MostTokensOfOtherContent = 10_000;

    private readonly IPriceBook? _prices = books.FirstOrDefault();

    public BudgetAmount Of(ExchangeFeature exchange)
    {
        RequestFacts facts = exchange.Facts;
        long prompt = (exchange.Body.Length + BytesPerToken - 1) / BytesPerToken;
        if (facts.HasNonTextContent)
        {
            prompt = Math.Min(prompt, MostTokensOfOtherContent);
        }

        long answers = Math.Max(1, (long)facts.Choices * facts.Prompts);
        long completion = exchange.Dialect == Dialect.OpenAIEmbeddings ? 0 : Math.Max(0, facts.MaxTokens ?? UsualAnswerTokens) * answers;
        var usage = new TokenCounts(prompt, completion);
        return new BudgetAmount(1, prompt + completion, CostOf(exchange, usage)?.Nanodollars ?? 0);
    }

    /// <summary>What the call took; null where the upstream answered and did not say.</summary>
    public BudgetAmount? Spent(ExchangeFeature exchange, out bool isUnpriced)
    {
        TokenCounts usage = exchange.Usage;
        Money? cost = usage.IsKnown ? CostOf(exchange, usage) : null;
        isUnpriced = cost is null;
        return usage.IsKnown ? new BudgetAmount(1, usage.Prompt + usage.Completion, cost?.Nanodollars ?? 0) : null;
    }

    private Money? CostOf(ExchangeFeature exchange, TokenCounts usage)
    {
        string model = exchange.Route?.ModelOf(exchange.Facts.Model) ?? exchange.Facts.Model;
        return _prices?.Find(model, null, time.GetUtcNow()) is { } price ? CostArithmetic.Of(usage, price) : null;
    }
}

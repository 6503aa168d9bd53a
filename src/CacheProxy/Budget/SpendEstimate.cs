using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Budget;

/// <summary>
/// What a call may take, before it is made, and what it took. The estimate of a text is never far below the truth: a token for every three
/// bytes of the body (English has about four to one, other scripts about three), and all the tokens that the answer may have.
/// </summary>
internal sealed class SpendEstimate(RequestCosts costs, TimeProvider time)
{
    private const int BytesPerToken = 3;

    // An answer whose request names no most of tokens: more than most have. Too much would refuse what still fits.
    private const int UsualAnswerTokens = 256;

    // A picture's bytes say nothing of its tokens; providers count about a thousand for one.
    private const int MostTokensOfOtherContent = 10_000;

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
        Money? cost = PriceOf(exchange) is { } price ? CostArithmetic.Of(usage, price) : null;
        return new BudgetAmount(1, prompt + completion, cost?.Nanodollars ?? 0);
    }

    /// <summary>What the call took; null where the upstream answered and did not say.</summary>
    public BudgetAmount? Spent(ExchangeFeature exchange, out bool isUnpriced)
    {
        TokenCounts usage = exchange.Usage;
        // As the ledger has it, to the last digit: of a machine of one's own its time, of what was refused nothing.
        Money? cost = costs.Paid(exchange, PriceOf(exchange));
        isUnpriced = cost is null;
        return usage.IsKnown ? new BudgetAmount(1, usage.Prompt + usage.Completion, cost?.Nanodollars ?? 0) : null;
    }

    private ModelPrice? PriceOf(ExchangeFeature exchange) => costs.PriceOf(exchange, null, time.GetUtcNow());
}

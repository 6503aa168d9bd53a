using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;

namespace CacheProxy.Ledger.Prices;

/// <summary>Puts the proxy's own calls to an embeddings endpoint on the ledger: they are what semantic hits cost, whoever asked.</summary>
public sealed class EmbeddingBills(ILedger ledger, IPriceBook prices, TimeProvider clock)
{
    private const string Endpoint = "embedder";

    /// <param name="tokens">As the endpoint counted them; -1: it did not.</param>
    /// <param name="usdPerMillion">As it is set; 0: the table's, where the model is in it.</param>
    public void Add(string model, long tokens, double usdPerMillion)
    {
        DateTimeOffset now = clock.GetUtcNow();
        TokenCounts usage = tokens is >= 0 and <= UsageLimits.MostTokens ? TokenCounts.None with { Prompt = tokens } : TokenCounts.Unknown;
        ModelPrice? price = usdPerMillion > 0 && TokenRates.IsPlausible((decimal)usdPerMillion)
            ? new ModelPrice { Model = model, Provider = Endpoint, Input = TokenRates.Picodollars((decimal)usdPerMillion), Output = 0, Source = "Semantic:Embedder:PricePerMillionTokens" }
            : prices.Find(model, null, now);
        if (price is null)
        {
            prices.TellUnknown(model);
        }

        ledger.Add(new LedgerRow
        {
            Time = now,
            Work = LedgerWork.Embedding,
            Model = model,
            Upstream = Endpoint,
            Dialect = Dialect.OpenAIEmbeddings,
            Outcome = CacheOutcome.Miss,
            Status = StatusCodes.Status200OK,
            Usage = usage,
            Price = price,
            Paid = price is null ? null : CostArithmetic.Of(usage, price),
        });
    }
}

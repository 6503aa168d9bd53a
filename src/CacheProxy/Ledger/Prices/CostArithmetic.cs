using CacheProxy.Exchange.Answers;

namespace CacheProxy.Ledger.Prices;

/// <summary>
/// From counts and prices to money. Every token is charged once, in the dearest known class that it is in; the sum of a call is exact in
/// picodollars and rounded once, to the nearest nanodollar.
/// </summary>
public static class CostArithmetic
{
    private const int PicodollarsPerNanodollar = 1000;

    /// <summary>What the tokens cost; null: the usage or the price of a class that it uses is unknown.</summary>
    public static Money? Of(TokenCounts usage, ModelPrice price)
    {
        if (!usage.IsKnown || AtTier(price, usage.Tier) is not { } tariff)
        {
            return null;
        }

        if (usage.Prompt > price.LongPromptAbove)
        {
            // What another tariff takes for a long prompt is not what it takes for a short one.
            if (tariff.LongPrompt is not { } dearer)
            {
                return null;
            }

            tariff = dearer;
        }

        return Sum(usage, tariff, price.Search ?? 0);
    }

    /// <summary>The provider charges for more than what the price has: <see cref="Of"/> is the least that it cost.</summary>
    public static bool IsPartOnly(TokenCounts usage, ModelPrice price)
        => (usage.Extras & ~UsageExtras.Searches) != UsageExtras.None || (usage.Searches > 0 && price.Search is null);

    private static ModelPrice? AtTier(ModelPrice price, ServiceTier tier) => tier switch
    {
        ServiceTier.Standard => price,
        ServiceTier.Flex => price.Flex,
        ServiceTier.Priority => price.Priority,
        ServiceTier.Batch => price.Batch,
        _ => null,
    };

    private static Money? Sum(TokenCounts usage, ModelPrice price, long search)
    {
        // Parts that say more than the whole are not to be believed; readers refuse them, and a store could still hold one.
        long read = Math.Clamp(usage.CachedRead, 0, usage.Prompt);
        long written = Math.Clamp(usage.CacheWrite, 0, usage.Prompt - read);
        long hour = Math.Clamp(usage.CacheWriteHour, 0, written);
        long minutes = written - hour;
        if ((read > 0 && price.CachedInput is null) || (hour > 0 && price.CacheWriteHour is null))
        {
            return null;
        }

        Int128 picodollars = ((Int128)(usage.Prompt - read - written) * price.Input)
            + ((Int128)read * (price.CachedInput ?? 0))
            + ((Int128)minutes * (price.CacheWrite ?? price.Input))
            + ((Int128)hour * (price.CacheWriteHour ?? 0))
            + ((Int128)usage.Completion * price.Output)
            + ((Int128)usage.Searches * search);
        Int128 nanodollars = (picodollars + (PicodollarsPerNanodollar / 2)) / PicodollarsPerNanodollar;
        return nanodollars <= long.MaxValue ? new Money((long)nanodollars) : null;
    }
}

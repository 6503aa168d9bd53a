using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Tests.Ledger.Prices;

public class SemanticSavingTests
{
    [Fact]
    public void Saving_IsThatOfRightAnswers()
    {
        // 2 % of the hits were wrong, at most 5 %: of 1 dollar 0.98 are saved, 0.95 at least.
        var saving = new SemanticSaving(new Money(1_000_000_000), 0.02, 0.05);

        Assert.Equal((new Money(980_000_000), new Money(950_000_000)), (saving.OfRightAnswers, saving.AtLeast));
    }

    [Fact]
    public void Saving_ThatNobodyChecked_IsUnknown()
    {
        var saving = new SemanticSaving(new Money(1_000_000_000), null, null);

        Assert.Null(saving.OfRightAnswers);
        Assert.Null(saving.AtLeast);
    }

    [Theory]
    [InlineData(-1.0, 7)]
    [InlineData(2.0, 0)]
    [InlineData(double.NaN, 0)]
    public void Share_OutsideOfAll_IsCut(double share, long nanodollars)
        => Assert.Equal(new Money(nanodollars), new SemanticSaving(new Money(7), share, share).AtLeast);
}

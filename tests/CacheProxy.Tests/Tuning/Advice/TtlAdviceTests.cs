using CacheProxy.Tuning.Advice;

namespace CacheProxy.Tests.Tuning.Advice;

public sealed class TtlAdviceTests
{
    [Fact]
    public void From_WantedAllTheTime_AdvisesALongerOneWithAnEstimate()
    {
        TtlAdvice advice = Advise(Enumerable.Range(0, 360).Select(i => Observed.Hit(i * 10)));

        Assert.Equal(7200, advice.AdvisedSeconds);
        Assert.InRange(advice.ExpectedHits, 361, 720);
    }

    [Fact]
    public void From_WantedSoonOnly_KeepsIt()
    {
        TtlAdvice advice = Advise(Enumerable.Range(0, 300).Select(i => Observed.Hit(i)));

        Assert.Equal((3600, 300), (advice.AdvisedSeconds, advice.ExpectedHits));
    }

    [Fact]
    public void From_OldOnesWrong_AdvisesAShorterOne()
    {
        TtlAdvice advice = Advise([.. Enumerable.Range(0, 300).Select(i => Observed.Hit(i * 2)), .. Enumerable.Range(0, 40).Select(i => Observed.Hit(2000 + i, isRight: i % 2 == 0))]);

        Assert.Equal((1800, 300), (advice.AdvisedSeconds, advice.ExpectedHits));
    }

    [Fact]
    public void From_WrongAtAnyAge_IsNoMatterOfAge()
        => Assert.Equal(3600, Advise(Enumerable.Range(0, 400).Select(i => Observed.Hit(i * 2, isRight: i % 4 != 0))).AdvisedSeconds);

    [Fact]
    public void From_TheLongestAllowed_KeepsIt()
        => Assert.Equal(3600, TtlAdvice.From([.. Enumerable.Range(0, 360).Select(i => Observed.Hit(i * 10))], 3600, 3600, 0.02).AdvisedSeconds);

    [Fact]
    public void From_FewHits_KeepsIt() => Assert.Equal(3600, Advise(Enumerable.Range(0, 20).Select(i => Observed.Hit(i * 180))).AdvisedSeconds);

    private static TtlAdvice Advise(IEnumerable<Evidence> hits) => TtlAdvice.From([.. hits], 3600, 86_400, 0.02);
}

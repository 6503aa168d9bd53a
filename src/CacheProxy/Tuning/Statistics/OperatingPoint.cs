namespace CacheProxy.Tuning.Statistics;

/// <summary>What serving from a threshold on does to a sample.</summary>
/// <param name="Threshold">Least score that is served.</param>
/// <param name="Served">How many are.</param>
/// <param name="Wrong">Of those, wrongly.</param>
public readonly record struct OperatingPoint(double Threshold, int Served, int Wrong)
{
    /// <summary>Share of wrong among the served; 0 when nothing is served.</summary>
    public double Error => Served == 0 ? 0 : (double)Wrong / Served;
}

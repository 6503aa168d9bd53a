using System.Security.Cryptography;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>Numbers that no client can foresee, so that none can choose its questions by what is going to be looked at.</summary>
public static class Chance
{
    private const int Steps = 1 << 30;

    /// <summary>Uniform in [0, 1), from any thread.</summary>
    public static double Uniform() => (double)RandomNumberGenerator.GetInt32(Steps) / Steps;
}

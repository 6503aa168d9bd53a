namespace CacheProxy.Inference.Scheduling;

/// <summary>The prefix tree's salt of a request's salt, where sequences of the same salt may have KV of different kinds.</summary>
internal static class KvSalt
{
    private const char Separator = '\0';

    /// <summary>
    /// Different for every pair of salt and variant; the salt itself in the usual case, without a copy. A salt that has the separator is
    /// marked too, or it could be made to look like another salt's variant and share KV that is not its own.
    /// </summary>
    /// <param name="variant">See <see cref="Execution.IModelRunner.KvVariant"/>.</param>
    public static string Of(string salt, int variant) => variant == 0 && !salt.Contains(Separator) ? salt : $"{variant}{Separator}{salt}";
}

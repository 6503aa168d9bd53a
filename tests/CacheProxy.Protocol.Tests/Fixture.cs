namespace CacheProxy.Protocol.Tests;

/// <summary>Recorded answers and requests of real servers and clients, as they came over the wire.</summary>
internal static class Fixture
{
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", name));
}

using System.Security.Cryptography;
using System.Text;
using CacheProxy.Storage;

namespace CacheProxy.Tenancy;

/// <summary>
/// The 32 bytes that scopes and fingerprints are keyed with: nobody who reads a store can test whether a known key or prompt is in it.
/// From the configuration, else made once and kept in the data folder.
/// </summary>
public sealed partial class InstallationSecret
{
    public const int SizeBytes = 32;

    private const string FileName = "installation.key";

    // Made once per thread: setting up the key costs as much as hashing 2 KB.
    [ThreadStatic]
    private static (InstallationSecret Owner, IncrementalHash Hash) s_keyed;

    private readonly byte[] _bytes;

    /// <param name="configured">Empty: the one in the folder is used.</param>
    /// <param name="folder">The data folder.</param>
    public InstallationSecret(string configured, string folder, ILogger<InstallationSecret> logger)
        => _bytes = configured.Length > 0 ? SHA256.HashData(Encoding.UTF8.GetBytes(configured)) : LoadOrCreate(folder, logger);

    /// <summary>There is one: it need not be made.</summary>
    public static bool Exists(string configured, string folder) => configured.Length > 0 || File.Exists(Path.Combine(folder, FileName));

    public ReadOnlySpan<byte> Bytes => _bytes;

    private IncrementalHash Keyed
    {
        get
        {
            if (!ReferenceEquals(s_keyed.Owner, this))
            {
                s_keyed.Hash?.Dispose();
                s_keyed = (this, IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _bytes));
            }

            return s_keyed.Hash;
        }
    }

    /// <summary>Tells secrets apart without giving one away: 16 hex digits of a hash under it.</summary>
    public string Name => Convert.ToHexStringLower(HMACSHA256.HashData(_bytes, "\u0001name\u0001"u8))[..16];

    /// <summary>HMAC-SHA256 of the data under this secret.</summary>
    /// <param name="hash">32 bytes.</param>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> hash) => Hash(data, [], [], hash);

    /// <summary>HMAC-SHA256 of three pieces as if they were one.</summary>
    /// <param name="hash">32 bytes; may be one of the pieces.</param>
    public void Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, Span<byte> hash)
    {
        IncrementalHash keyed = Keyed;
        keyed.AppendData(first);
        keyed.AppendData(second);
        keyed.AppendData(third);
        keyed.GetHashAndReset(hash);
    }

    private static byte[] LoadOrCreate(string folder, ILogger logger)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            if (!File.Exists(path))
            {
                TryCreate(path);
            }

            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.Length == SizeBytes)
            {
                return bytes;
            }

            throw new InvalidDataException($"{path} must hold {SizeBytes} bytes but holds {bytes.Length}. Restore it, or delete it together with the stores beside it.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(logger, path, exception.Message);
            return RandomNumberGenerator.GetBytes(SizeBytes);
        }
    }

    private static void TryCreate(string path)
    {
        try
        {
            OwnerOnly.Replace(path, RandomNumberGenerator.GetBytes(SizeBytes), overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // A second process that starts now was first.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Warning, "{Path} can be neither read nor made ({Reason}): what is stored now is not found again after a restart", EventName = "SecretNotKept")]
        public static partial void NotKept(ILogger logger, string path, string reason);
    }
}

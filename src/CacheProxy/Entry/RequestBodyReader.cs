using System.Buffers;
using System.IO.Pipelines;

namespace CacheProxy.Entry;

/// <summary>Reads a request's body once, under a cap, into a pooled array.</summary>
public static class RequestBodyReader
{
    private const int FirstBytes = 16 * 1024;

    /// <returns>The pooled array and how much of it is body; a null array: the body is larger than the cap.</returns>
    public static async ValueTask<(byte[]? Array, int Length)> ReadAsync(HttpRequest request, int capBytes)
    {
        if (request.ContentLength > capBytes)
        {
            return (null, 0);
        }

        // A client may announce much and send nothing: memory follows what has arrived.
        byte[] array = ArrayPool<byte>.Shared.Rent((int)Math.Min(request.ContentLength ?? FirstBytes, 4 * FirstBytes));
        int length = 0;
        PipeReader reader = request.BodyReader;
        try
        {
            while (true)
            {
                // Without a token: the server ends the read itself when the client goes, and asking for its token makes one for every request.
                ReadResult result = await reader.ReadAsync();
                ReadOnlySequence<byte> arrived = result.Buffer;
                if (length + arrived.Length > capBytes)
                {
                    reader.AdvanceTo(arrived.End);
                    ArrayPool<byte>.Shared.Return(array);
                    return (null, 0);
                }

                array = EnsureRoom(array, length, (int)arrived.Length);
                arrived.CopyTo(array.AsSpan(length));
                length += (int)arrived.Length;
                reader.AdvanceTo(arrived.End);
                if (result.IsCompleted)
                {
                    return (array, length);
                }
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(array);
            throw;
        }
    }

    private static byte[] EnsureRoom(byte[] array, int used, int more)
    {
        if (array.Length - used >= more)
        {
            return array;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(used + more, array.Length * 2));
        array.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(array);
        return larger;
    }
}

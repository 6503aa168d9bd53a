using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace CacheProxy.Admin;

/// <summary>Reads a body line by line, each under a cap. Empty lines are passed over but counted.</summary>
internal static class JsonLines
{
    /// <exception cref="InvalidDataException">A line is longer than the cap; the message names it.</exception>
    public static async IAsyncEnumerable<(long Number, byte[] Line)> ReadAsync(
        PipeReader reader, int maxLineBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long number = 0;
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> rest = result.Buffer;

            // Where the reader of the lines stops, the server goes on with the body: what was read of it must be given back.
            SequencePosition read = rest.End;
            try
            {
                while (TryTake(ref rest, result.IsCompleted, out byte[] line))
                {
                    number++;
                    if (line.AsSpan().ContainsAnyExcept(" \t\r"u8))
                    {
                        yield return (number, line);
                    }
                }

                if (rest.Length > maxLineBytes)
                {
                    throw new InvalidDataException($"Line {number + 1} is longer than {maxLineBytes} bytes.");
                }

                read = rest.Start;
            }
            finally
            {
                reader.AdvanceTo(read, result.Buffer.End);
            }

            if (result.IsCompleted)
            {
                yield break;
            }
        }
    }

    private static bool TryTake(ref ReadOnlySequence<byte> rest, bool isLast, out byte[] line)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            line = rest.Slice(0, end).ToArray();
            rest = rest.Slice(rest.GetPosition(1, end));
            return true;
        }

        line = isLast ? rest.ToArray() : [];
        rest = isLast ? rest.Slice(rest.End) : rest;
        return line.Length > 0;
    }
}

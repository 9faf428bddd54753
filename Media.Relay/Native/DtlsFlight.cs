namespace Parley.Media.Relay.Native;

/// <summary>Datagrams that wait to be sent. A memory BIO forgets where a message ended, so that records are found again and packed, which also makes a repeated flight few datagrams.</summary>
internal sealed class DtlsFlight
{
    /// <summary>Fits every path that media takes.</summary>
    public const int MaxDatagram = 1200;

    /// <summary>Some flights; whoever does not fetch them has them again by retransmission.</summary>
    private const int MaxDatagrams = 32;

    private readonly Queue<ReadOnlyMemory<byte>> _datagrams = [];

    /// <summary>Adds whole records.</summary>
    public void Add(ReadOnlyMemory<byte> records)
    {
        while (!records.IsEmpty)
        {
            var length = 0;
            while (length < records.Length)
            {
                var next = DtlsRecords.LengthOf(records.Span[length..]);
                if (length > 0 && length + next > MaxDatagram) break;
                length += next;
            }

            if (_datagrams.Count < MaxDatagrams) _datagrams.Enqueue(records[..length]);
            records = records[length..];
        }
    }

    /// <summary>Takes the next datagram.</summary>
    public bool TryTake(Span<byte> to, out int length)
    {
        length = 0;
        if (!_datagrams.TryPeek(out var next)) return false;
        next.Span.CopyTo(to);
        length = next.Length;
        _datagrams.Dequeue();
        return true;
    }
}

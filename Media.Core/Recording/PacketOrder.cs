namespace Parley.Media.Core.Recording;

/// <summary>A packet on its way into a recording.</summary>
/// <param name="Position">Its extended sequence number.</param>
/// <param name="Timestamp">Its RTP timestamp.</param>
/// <param name="Codec">How its payload is coded.</param>
/// <param name="Marker">The marker bit.</param>
/// <param name="ArrivalMs">When it came, on the relay's clock.</param>
/// <param name="CaptureMs">When it was made, by the sender's reports and on the relay's clock; null while there is none.</param>
public readonly record struct RecordedPacket(long Position, uint Timestamp, RecordedCodec Codec, bool Marker, long ArrivalMs, long? CaptureMs);

/// <summary>What can be recorded.</summary>
public enum RecordedCodec : byte
{
    /// <summary>Nothing: padding, or a codec that WebM does not have. The packet only counts as one that came.</summary>
    None,
    /// <summary>Opus.</summary>
    Opus,
    /// <summary>VP8.</summary>
    Vp8,
    /// <summary>VP9.</summary>
    Vp9,
}

/// <summary>Gives a track's packets in the order in which they were sent, waiting a while for what is asked for again. One thread.</summary>
public sealed class PacketOrder
{
    private const int Slots = 512;

    /// <summary>How long a missing packet is waited for: several round trips of asking again.</summary>
    public const long PatienceMs = 800;

    private readonly RecordedPacket[] _heads = new RecordedPacket[Slots];
    private readonly byte[]?[] _payloads = new byte[]?[Slots];
    private readonly int[] _lengths = new int[Slots];
    private readonly Stack<byte[]> _free = new();
    private long _next = -1;
    private int _held;

    /// <summary>Takes a packet.</summary>
    public void Put(in RecordedPacket packet, ReadOnlySpan<byte> payload)
    {
        if (_next < 0) _next = packet.Position;
        if (packet.Position < _next) return; // given up already, or there twice
        var slot = (int)(packet.Position % Slots);
        if (packet.Position - _next >= Slots)
        {
            // So much is missing that it will not come: what is held goes, and the order begins again.
            Drop();
            Lost += packet.Position - _next;
            (_next, HasGap) = (packet.Position, true);
        }

        if (_payloads[slot] is not null) return;
        var room = _free.TryPop(out var one) && one.Length >= payload.Length ? one : new byte[Math.Max(1504, payload.Length)];
        payload.CopyTo(room);
        _heads[slot] = packet;
        _payloads[slot] = room;
        _lengths[slot] = payload.Length;
        _held++;
    }

    /// <summary>Whether packets before the next one are lost; until it is taken.</summary>
    public bool HasGap { get; private set; }

    /// <summary>Packets given up so far.</summary>
    public long Lost { get; private set; }

    /// <summary>Gives the next packet, if it is there or what is before it is given up.</summary>
    /// <param name="nowMs">The time, on the clock of the packets' arrival.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="payload">Its payload; valid until the next call.</param>
    /// <param name="isAfterGap">Whether packets before it are lost.</param>
    public bool TryTake(long nowMs, out RecordedPacket packet, out ReadOnlySpan<byte> payload, out bool isAfterGap)
    {
        packet = default;
        payload = default;
        isAfterGap = false;
        if (_held == 0) return false;
        var at = _next;
        while (_payloads[at % Slots] is null) at++; // there is one: something is held, and all of it is within the slots
        var slot = (int)(at % Slots);
        if (at > _next && nowMs - _heads[slot].ArrivalMs < PatienceMs) return false;
        Lost += at - _next;
        isAfterGap = HasGap || at > _next;
        HasGap = false;
        packet = _heads[slot];
        payload = _payloads[slot].AsSpan(0, _lengths[slot]);
        Release(slot);
        _next = at + 1;
        return true;
    }

    private void Release(int slot)
    {
        if (_free.Count < 64) _free.Push(_payloads[slot]!);
        _payloads[slot] = null;
        _held--;
    }

    private void Drop()
    {
        for (var slot = 0; slot < Slots && _held > 0; slot++)
        {
            if (_payloads[slot] is not null) Release(slot);
        }
    }
}

using System.Runtime.InteropServices;
using Parley.Media.Core;

namespace Parley.Media.Relay.Native;

/// <summary>
/// What one socket has to send in a round of its worker: written in place, handed to the kernel by as few calls as it allows. Datagrams of one size to one destination go
/// as one message that the kernel (or the card) cuts again, UDP_SEGMENT; all messages of a round go with one sendmmsg, and a single datagram with sendto, which costs less.
/// The order towards each destination is kept.
/// One thread; nothing is allocated after the constructor.
/// </summary>
public sealed unsafe class SendQueue : IDisposable
{
    /// <summary>The room of a datagram.</summary>
    public const int SlotSize = 2048;

    /// <summary>What the kernel takes at most in one segmented message: 64 segments (UDP_MAX_SEGMENTS) and an IPv4 packet's 65,507 bytes, with room for an IPv6 header.</summary>
    private const int MaxSegments = 64, MaxRunBytes = 65_000;

    /// <summary>What fits every path of IPv6 (1,280 bytes, RFC 8200 section 5): where this much cannot be segmented, nothing can.</summary>
    private const int SurelySegmentable = 1232;

    // Of one datagram, while ICMP messages keep coming in.
    private const int MaxRetries = 3;

    private readonly int _capacity;
    private readonly SendGroups _groups;
    private readonly Datagram[] _datagrams;
    private readonly SendMessages _messages;
    private byte* _slab;
    private AddressKey _firstLocal, _firstRemote; // a lone datagram needs no group
    private int _count, _used;
    private int _maxSegment = SlotSize;

    /// <summary>Makes a queue.</summary>
    /// <param name="socket">Where it sends.</param>
    /// <param name="capacity">How many datagrams it holds; one more flushes it.</param>
    /// <param name="segmentation">Whether UDP_SEGMENT is tried.</param>
    public SendQueue(UdpSocket socket, int capacity = 512, bool segmentation = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        if (!segmentation) _maxSegment = 0;
        _groups = new(capacity);
        _datagrams = new Datagram[capacity];
        _messages = new(socket, capacity);
        _slab = (byte*)NativeMemory.AlignedAlloc((nuint)capacity * SlotSize, 64);
    }

    /// <summary>Frees the slab of a queue that was forgotten.</summary>
    ~SendQueue() => Free();

    /// <summary>Datagrams that the kernel took.</summary>
    public long Sent { get; private set; }

    /// <summary>Datagrams dropped because the socket's buffer was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Datagrams that could not be sent where they were to go: no route, a filter, the wrong family.</summary>
    public long Refused { get; private set; }

    /// <summary>Messages that were segmented by the kernel.</summary>
    public long SegmentedMessages { get; private set; }

    /// <summary>System calls made.</summary>
    public long Calls { get; private set; }

    /// <summary>Whether UDP_SEGMENT is used; it stops for good once the kernel refuses what it takes piece by piece.</summary>
    public bool UsesSegmentation => _maxSegment > 0;

    /// <summary>Datagrams that wait for <see cref="Flush"/>.</summary>
    public int Count => _count;

    /// <summary>Where it sends. An empty queue may go on with another socket.</summary>
    /// <exception cref="InvalidOperationException">Something waits for the former one.</exception>
    public UdpSocket Socket
    {
        get => _messages.Socket;
        set => _messages.Socket = _count == 0 ? value : throw new InvalidOperationException("What waits is the former socket's.");
    }

    /// <summary>The room for the next datagram, <see cref="SlotSize"/> bytes; without <see cref="Commit"/> the next call gives the same.</summary>
    public Span<byte> Reserve()
    {
        ObjectDisposedException.ThrowIf(_slab == null, this);
        if (_count == _capacity) Flush();
        return new(_slab + _used, SlotSize);
    }

    /// <summary>Queues what was written to the room that <see cref="Reserve"/> gave.</summary>
    /// <param name="length">How many bytes were written.</param>
    /// <param name="local">The address to send from, where the socket is bound to any; an any-address leaves it to the kernel.</param>
    /// <param name="remote">Where to.</param>
    public void Commit(int length, in AddressKey local, in AddressKey remote)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)SlotSize);
        if (!Socket.IsIPv6 && !remote.IsIPv4)
        {
            Refused++;
            return;
        }

        _datagrams[_count] = new(_used, length);
        if (_count == 0) (_firstLocal, _firstRemote) = (local, remote);
        else
        {
            if (_count == 1) _groups.Add(0, _firstLocal, _firstRemote);
            _groups.Add(_count, local, remote);
        }

        _count++;
        _used += (length + 63) & ~63; // at a cache line of its own, and densely, so that little memory is touched
    }

    /// <summary>Sends what waits. What the socket's buffer cannot take is dropped: media that waits is late.</summary>
    public void Flush()
    {
        if (_count == 0) return;
        if (_count == 1 && _messages.IsPlain(_firstLocal))
        {
            SendOne();
            (_count, _used) = (0, 0);
            return;
        }

        if (_count == 1) _groups.Add(0, _firstLocal, _firstRemote);
        for (var i = 0; i < _groups.Count; i++) AddMessages(_groups[i]);
        Send();
        _messages.Clear();
        _groups.Clear();
        (_count, _used) = (0, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        _messages.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Cuts a group into runs of one size, of which the last datagram may be shorter.</summary>
    private void AddMessages(in SendGroups.Group group)
    {
        _messages.SetDestination(group.Local, group.Remote);
        for (var i = group.First; i >= 0;)
        {
            var size = _datagrams[i].Length;
            _messages.Begin();
            var (segments, bytes) = (0, 0);
            do
            {
                var length = _datagrams[i].Length;
                _messages.AddPart(_slab + _datagrams[i].Offset, length);
                (segments, bytes) = (segments + 1, bytes + length);
                i = _groups.Next(i);
                if (length < size) break;
            }
            while (i >= 0 && size <= _maxSegment && size > 0 && _datagrams[i].Length is > 0 and var next && next <= size && segments < MaxSegments && bytes + next <= MaxRunBytes);
            _messages.End(segments > 1 ? size : 0);
        }
    }

    // With kept errors the kernel gives what an ICMP message left behind to whoever asks first: a send that has nothing to do with it, and that is then tried again.
    private static bool IsLeftBehind(int errno) => errno is Libc.ConnectionRefused or Libc.NetworkUnreachable or Libc.HostUnreachable or Libc.HostDown or Libc.ProtocolError
        or Libc.AccessDenied;

    private void SendOne()
    {
        for (var tries = 0; ;)
        {
            Calls++;
            if (_messages.SendOne(_slab, _datagrams[0].Length, _firstRemote, out var errno))
            {
                Sent++;
                return;
            }

            switch (errno)
            {
                case Libc.Interrupted:
                    continue;
                case Libc.TryAgain:
                    Dropped++;
                    return;
                case var left when IsLeftBehind(left) && tries < MaxRetries:
                    tries++;
                    continue;
                default:
                    Refused++;
                    return;
            }
        }
    }

    private void Send()
    {
        var (tried, tries) = (-1, 0);
        for (var at = 0; at < _messages.Count;)
        {
            Calls++;
            var taken = _messages.Send(at, out var errno);
            for (; taken > 0; taken--, at++)
            {
                Sent += _messages.Parts(at);
                if (_messages.Parts(at) > 1) SegmentedMessages++;
            }

            switch (errno)
            {
                case 0 or Libc.Interrupted:
                    break;
                case Libc.TryAgain:
                    for (; at < _messages.Count; at++) Dropped += _messages.Parts(at);
                    break;
                case var left when IsLeftBehind(left) && (tried != at || tries < MaxRetries):
                    (tried, tries) = (at, tried == at ? tries + 1 : 1);
                    break;
                default:
                    Refuse(at++, errno);
                    break;
            }
        }
    }

    /// <summary>The kernel refused a message; of a segmented one the parts are tried, and if they pass segmentation is to blame.</summary>
    private void Refuse(int message, int errno)
    {
        var parts = _messages.Parts(message);
        if (parts == 1 || errno is not (Libc.Invalid or Libc.InputOutput or Libc.MessageTooLong or Libc.NotSupported))
        {
            Refused += parts;
            return;
        }

        for (var part = 0; part < parts; part++)
        {
            Calls++;
            if (!_messages.SendPart(message, part, out errno))
            {
                if (errno == Libc.TryAgain) Dropped++;
                else Refused++;
                continue;
            }

            Sent++;
            var size = _messages.PartLength(message, 0);
            // A large size may only have been too much for this one path.
            _maxSegment = size > SurelySegmentable ? Math.Min(_maxSegment, size - 1) : 0;
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_slab);
        _slab = null;
    }

    private readonly record struct Datagram(int Offset, int Length);
}

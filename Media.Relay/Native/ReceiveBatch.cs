using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Parley.Media.Core;

namespace Parley.Media.Relay.Native;

/// <summary>
/// Datagrams received with one system call, in a slab that is reused: what a call gave is valid until the next. A thread has one batch for all of its sockets.
/// Nothing is allocated after the constructor.
/// </summary>
public sealed unsafe class ReceiveBatch : IDisposable
{
    /// <summary>How many datagrams a call takes at most.</summary>
    public const int Capacity = 64;

    /// <summary>The longest datagram taken; a longer one is dropped and counted.</summary>
    public const int SlotSize = 2048;

    private const int ControlSize = 64;

    private readonly ReceivedDatagram[] _received = new ReceivedDatagram[Capacity];
    private byte* _memory;
    private readonly byte* _slab, _names, _controls;
    private readonly Libc.MessageHeader* _messages;
    private int _used = Capacity; // how many headers the latest call may have written to

    /// <summary>Makes a batch.</summary>
    public ReceiveBatch()
    {
        const int Vectors = Capacity * (SlotSize + NativeAddress.Size + ControlSize);
        var messages = Vectors + (Capacity * sizeof(Libc.IoVector));
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)(messages + (Capacity * sizeof(Libc.MessageHeader))), 64);
        new Span<byte>(_memory, messages + (Capacity * sizeof(Libc.MessageHeader))).Clear();
        _slab = _memory;
        _names = _slab + (Capacity * SlotSize);
        _controls = _names + (Capacity * NativeAddress.Size);
        _messages = (Libc.MessageHeader*)(_memory + messages);
        var vectors = (Libc.IoVector*)(_memory + Vectors);
        for (var i = 0; i < Capacity; i++)
        {
            vectors[i] = new() { Base = _slab + (i * SlotSize), Length = SlotSize };
            _messages[i] = new() { Name = _names + (i * NativeAddress.Size), Vectors = vectors + i, VectorCount = 1, Control = _controls + (i * ControlSize) };
        }
    }

    /// <summary>Frees the slab of a batch that was forgotten.</summary>
    ~ReceiveBatch() => Free();

    /// <summary>Datagrams dropped since they were longer than a slot.</summary>
    public long TooLong { get; private set; }

    /// <summary>Takes what is there, without waiting.</summary>
    /// <exception cref="SocketException">The socket is closed or the like: a fault of ours, never of a peer's.</exception>
    public ReadOnlySpan<ReceivedDatagram> Receive(UdpSocket socket)
    {
        ObjectDisposedException.ThrowIf(_memory == null, this);
        // The kernel replaces both with what it wrote; the headers that it did not come to are as they were.
        for (var i = 0; i < _used; i++) (_messages[i].NameLength, _messages[i].ControlLength) = (NativeAddress.Size, ControlSize);
        _used = 1;
        for (var attempt = 0; ; attempt++)
        {
            var count = Libc.ReceiveMany(socket.Fd, _messages, Capacity, Libc.MessageDontWait, null);
            if (count >= 0) return Collect(socket, count);
            var errno = Marshal.GetLastSystemError();
            if (errno == Libc.TryAgain) return [];
            if (!IsLeftBehind(errno) || attempt == Capacity) throw SystemCallException.Of(errno, "recvmmsg");
        }
    }

    /// <summary>Takes one datagram, without waiting; where there is only one, this costs less. Of a socket that tells local addresses it takes all.</summary>
    /// <exception cref="SocketException">As for <see cref="Receive"/>.</exception>
    public ReadOnlySpan<ReceivedDatagram> ReceiveOne(UdpSocket socket)
    {
        if (socket.TellsLocal) return Receive(socket);
        ObjectDisposedException.ThrowIf(_memory == null, this);
        for (var attempt = 0; ; attempt++)
        {
            uint nameLength = NativeAddress.Size;
            // With this flag it gives the datagram's own length, however little of it was taken.
            var length = Libc.ReceiveFrom(socket.Fd, _slab, SlotSize, Libc.MessageDontWait | Libc.MessageTruncated, _names, &nameLength);
            if (length > SlotSize)
            {
                TooLong++;
                return [];
            }

            if (length >= 0)
            {
                _received[0] = new(socket.BoundAddress, NativeAddress.Read(new(_names, NativeAddress.Size)), 0, (int)length);
                return _received.AsSpan(0, 1);
            }

            var errno = Marshal.GetLastSystemError();
            if (errno == Libc.TryAgain) return [];
            if (!IsLeftBehind(errno) || attempt == Capacity) throw SystemCallException.Of(errno, "recvfrom");
        }
    }

    /// <summary>A datagram's bytes, to be changed in place.</summary>
    public Span<byte> Bytes(in ReceivedDatagram datagram)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)datagram.Offset, (uint)((Capacity - 1) * SlotSize));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)datagram.Length, (uint)SlotSize);
        ObjectDisposedException.ThrowIf(_memory == null, this);
        return new(_slab + datagram.Offset, datagram.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    // What an ICMP message or a signal left behind; reading takes it away.
    private static bool IsLeftBehind(int errno) => errno is Libc.Interrupted or Libc.ConnectionRefused or Libc.NetworkUnreachable or Libc.HostUnreachable or Libc.HostDown
        or Libc.ProtocolError or Libc.MessageTooLong or Libc.AccessDenied;

    private ReadOnlySpan<ReceivedDatagram> Collect(UdpSocket socket, int count)
    {
        _used = Math.Min(count + 1, Capacity);
        var taken = 0;
        for (var i = 0; i < count; i++)
        {
            ref readonly var message = ref _messages[i];
            if ((message.Flags & Libc.MessageTruncated) != 0)
            {
                TooLong++;
                continue;
            }

            var local = socket.TellsLocal ? LocalOf(message, socket.BoundAddress) : socket.BoundAddress;
            _received[taken++] = new(local, NativeAddress.Read(new(message.Name, NativeAddress.Size)), i * SlotSize, (int)message.Length);
        }

        return _received.AsSpan(0, taken);
    }

    /// <summary>Where a datagram was sent to: the first control message, as only one is asked for.</summary>
    private static AddressKey LocalOf(in Libc.MessageHeader message, AddressKey bound)
    {
        var header = (Libc.ControlHeader*)message.Control;
        var data = new ReadOnlySpan<byte>(header + 1, ControlSize - sizeof(Libc.ControlHeader));
        if (message.ControlLength < (nuint)sizeof(Libc.ControlHeader)) return bound;
        return (header->Level, header->Type) switch
        {
            (Libc.LevelIp, Libc.IpPacketInfo) => AddressKey.OfIPv4(BinaryPrimitives.ReadUInt32BigEndian(data[8..]), bound.Port),
            (Libc.LevelIpv6, Libc.Ipv6PacketInfo) => new(BinaryPrimitives.ReadUInt128BigEndian(data), bound.Port),
            _ => bound,
        };
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}

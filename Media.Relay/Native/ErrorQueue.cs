using System.Runtime.InteropServices;
using Parley.Media.Core;

namespace Parley.Media.Relay.Native;

/// <summary>An ICMP error about a datagram that a socket sent.</summary>
/// <param name="Peer">Whom the datagram was for.</param>
/// <param name="Type">The ICMP or ICMPv6 type.</param>
/// <param name="Code">Its code.</param>
/// <param name="Info">The next hop's MTU, where a datagram was too long for it.</param>
public readonly record struct SocketIcmpError(AddressKey Peer, byte Type, byte Code, uint Info);

/// <summary>
/// Reads what a socket with <see cref="UdpSocket.KeepErrors"/> keeps of ICMP errors. The kernel has checked that the datagram in each was this socket's. What was read is
/// valid until the next call; nothing is allocated after the constructor.
/// </summary>
public sealed unsafe class ErrorQueue : IDisposable
{
    private const int Capacity = 16, ControlSize = 256;

    private readonly SocketIcmpError[] _errors = new SocketIcmpError[Capacity];
    private readonly byte* _names, _controls;
    private readonly Libc.MessageHeader* _messages;
    private byte* _memory;

    /// <summary>Makes one.</summary>
    public ErrorQueue()
    {
        var size = Capacity * (sizeof(Libc.MessageHeader) + NativeAddress.Size + ControlSize);
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)size, 64);
        new Span<byte>(_memory, size).Clear();
        _messages = (Libc.MessageHeader*)_memory;
        _controls = (byte*)(_messages + Capacity);
        _names = _controls + (Capacity * ControlSize);
        for (var i = 0; i < Capacity; i++) _messages[i] = new() { Name = _names + (i * NativeAddress.Size), Control = _controls + (i * ControlSize) };
    }

    /// <summary>Frees what was forgotten.</summary>
    ~ErrorQueue() => Free();

    /// <summary>Takes what is there, 16 at most; what is left comes with the next round. The datagrams themselves are not asked for.</summary>
    public ReadOnlySpan<SocketIcmpError> Receive(UdpSocket socket)
    {
        ObjectDisposedException.ThrowIf(_memory == null, this);
        for (var i = 0; i < Capacity; i++) (_messages[i].NameLength, _messages[i].ControlLength) = (NativeAddress.Size, ControlSize);
        var count = Libc.ReceiveMany(socket.Fd, _messages, Capacity, Libc.MessageErrorQueue | Libc.MessageDontWait, null);
        if (count < 0)
        {
            var errno = Marshal.GetLastSystemError();
            return errno is Libc.TryAgain or Libc.Interrupted ? [] : throw SystemCallException.Of(errno, "recvmmsg");
        }

        var taken = 0;
        for (var i = 0; i < count; i++)
        {
            if (Find(_messages[i]) is not { } error || error.Origin is not (Libc.OriginIcmp or Libc.OriginIcmp6)) continue;
            _errors[taken++] = new(NativeAddress.Read(new(_messages[i].Name, NativeAddress.Size)), error.Type, error.Code, error.Info);
        }

        return _errors.AsSpan(0, taken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>The error among a message's control data, where the address that was sent to may come before it.</summary>
    private static Libc.ExtendedError? Find(in Libc.MessageHeader message)
    {
        for (nuint at = 0; at + (nuint)sizeof(Libc.ControlHeader) <= message.ControlLength;)
        {
            var header = (Libc.ControlHeader*)(message.Control + at);
            if (header->Length < (nuint)sizeof(Libc.ControlHeader)) return null;
            var isError = (header->Level, header->Type) is (Libc.LevelIp, Libc.IpReceiveErrors) or (Libc.LevelIpv6, Libc.Ipv6ReceiveErrors);
            if (isError && at + header->Length <= message.ControlLength && header->Length >= (nuint)(sizeof(Libc.ControlHeader) + sizeof(Libc.ExtendedError)))
                return *(Libc.ExtendedError*)(header + 1);
            at += (header->Length + 7) & ~(nuint)7;
        }

        return null;
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}

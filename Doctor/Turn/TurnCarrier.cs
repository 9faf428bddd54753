using System.Net;
using System.Net.Sockets;
using Parley.Doctor.Network;
using Parley.Media.Core.Turn;

namespace Parley.Doctor.Turn;

/// <summary>What carries STUN and TURN messages to a server (RFC 8656 section 3.1).</summary>
internal abstract class TurnCarrier : IAsyncDisposable
{
    /// <summary>Whether nothing is lost on the way, so that nothing is said twice.</summary>
    public abstract bool IsReliable { get; }

    /// <summary>Sends a message.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken ct);

    /// <summary>The next whole message; null at the end.</summary>
    public abstract ValueTask<byte[]?> ReceiveAsync(CancellationToken ct);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Opens one over <c>udp</c>, <c>tcp</c> or <c>tls</c>.</summary>
    /// <exception cref="ReachException">The server cannot be reached; UDP never says so.</exception>
    public static async Task<TurnCarrier> OpenAsync(string transport, IPAddress address, int port, string name, TlsLook.Trust trust, CancellationToken ct)
    {
        if (transport == "udp") return new Datagrams(address, port);
        var stream = await Reach.ConnectAsync(address, port, ct);
        if (transport == "tcp") return new Bytes(stream);
        try
        {
            return new Bytes(await TlsLook.SecureAsync(stream, name, "stun.turn", trust, ct));
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private sealed class Datagrams : TurnCarrier
    {
        private readonly Socket _socket;
        private readonly byte[] _buffer = new byte[2048];

        public Datagrams(IPAddress address, int port)
        {
            _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                _socket.Connect(new IPEndPoint(address, port));
            }
            catch (SocketException e)
            {
                _socket.Dispose();
                throw new ReachException(e.Message, e);
            }
        }

        public override bool IsReliable => false;

        public override async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
        {
            try
            {
                await _socket.SendAsync(message, ct);
            }
            catch (SocketException)
            {
                // An ICMP error of an earlier datagram, or a rule of a firewall: to us it is one that got lost.
            }
        }

        public override async ValueTask<byte[]?> ReceiveAsync(CancellationToken ct)
        {
            while (true)
            {
                try
                {
                    var length = await _socket.ReceiveAsync(_buffer, ct);
                    return _buffer.AsSpan(0, length).ToArray();
                }
                catch (SocketException)
                {
                    // Nobody listens there, says ICMP; which anyone may say. The time limit decides.
                }
            }
        }

        public override ValueTask DisposeAsync()
        {
            _socket.Dispose();
            return default;
        }
    }

    private sealed class Bytes(Stream stream) : TurnCarrier
    {
        private const int MaxMessage = 4096;

        private readonly TurnDeframer _deframer = new(MaxMessage);
        private readonly byte[] _buffer = new byte[8192];
        private int _start, _end;

        public override bool IsReliable => true;

        public override async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
        {
            try
            {
                await stream.WriteAsync(message, ct);
            }
            catch (IOException e)
            {
                throw new ReachException(e.Message, e);
            }
        }

        public override async ValueTask<byte[]?> ReceiveAsync(CancellationToken ct)
        {
            while (true)
            {
                if (Next() is { } message) return message;
                try
                {
                    (_start, _end) = (0, await stream.ReadAsync(_buffer, ct));
                }
                catch (IOException)
                {
                    return null;
                }

                if (_end == 0) return null;
            }
        }

        public override ValueTask DisposeAsync() => stream.DisposeAsync();

        private byte[]? Next()
        {
            while (true)
            {
                ReadOnlySpan<byte> input = _buffer.AsSpan(_start, _end - _start);
                var frame = _deframer.Next(ref input, out var message);
                _start = _end - input.Length;
                if (frame == TurnFrame.Message) return message.ToArray();
                if (frame == TurnFrame.Broken) throw new ReachException("what answers speaks no TURN");
                if (frame == TurnFrame.NeedMore) return null;
            }
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.Media.Relay.Native;

namespace Parley.bench.Turn;

/// <summary>A client with one allocation and one channel, to the peer that echoes.</summary>
internal sealed class TurnBenchClient : IDisposable
{
    private const ushort Channel = 0x4000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly UdpSocket _socket = UdpSocket.Open(new(IPAddress.Loopback, 0), bufferBytes: 1 << 20);
    private readonly SendQueue _queue;
    private readonly AddressKey _server;
    private readonly string _username = string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow.AddHours(2).ToUnixTimeSeconds()}:bench");
    private byte[] _nonce = [];

    public TurnBenchClient(IPEndPoint server)
    {
        _queue = new SendQueue(_socket);
        _server = AddressKey.Of(server);
    }

    public static string PasswordOf(string username) =>
#pragma warning disable CA5350 // the REST form's HMAC
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(ITurnPeer.Secret), Encoding.UTF8.GetBytes(username)));
#pragma warning restore CA5350

    /// <summary>Allocates and binds the channel.</summary>
    public void Connect(ReceiveBatch batch, AddressKey peer)
    {
        Ask(batch, StunMethod.Allocate, peer, mayFail: true); // for the nonce
        Ask(batch, StunMethod.Allocate, peer, mayFail: false);
        Ask(batch, StunMethod.ChannelBind, peer, mayFail: false);
    }

    /// <summary>A message to the peer in either form.</summary>
    public static byte[] Message(bool isChannel, AddressKey peer, int size)
    {
        if (isChannel) return [Channel >> 8, Channel & 255, (byte)(size >> 8), (byte)size, .. new byte[size]];
        var writer = new StunWriter(new byte[size + 100], StunClass.Indication, StunMethod.Send, new byte[12]);
        writer.AddXorAddress(StunAttribute.XorPeerAddress, peer);
        writer.Add(StunAttribute.Data, new byte[size]);
        return writer.Written.ToArray();
    }

    public void Send(byte[] message)
    {
        message.CopyTo(_queue.Reserve());
        _queue.Commit(message.Length, default, _server);
    }

    public void Flush() => _queue.Flush();

    /// <summary>How many came back.</summary>
    public int Receive(ReceiveBatch batch) => batch.Receive(_socket).Length;

    /// <summary>Ends the allocation: the next client may get the same port.</summary>
    public void Dispose()
    {
        Send(Request(StunMethod.Refresh, default));
        Flush();
        _queue.Dispose();
        _socket.Dispose();
    }

    private void Ask(ReceiveBatch batch, StunMethod method, AddressKey peer, bool mayFail)
    {
        var began = Stopwatch.GetTimestamp();
        var request = Request(method, peer);
        for (var sends = 0; Stopwatch.GetElapsedTime(began) < Patience; sends++)
        {
            if (sends % 100 == 0)
            {
                Send(request);
                Flush();
            }

            foreach (ref readonly var datagram in batch.Receive(_socket))
            {
                if (!StunMessage.TryParse(batch.Bytes(datagram), out var answer) || answer.Method != method) continue;
                if (answer.TryGet(StunAttribute.Nonce, out var nonce)) _nonce = nonce.ToArray();
                if (answer.Class != StunClass.Success && !mayFail) throw new InvalidOperationException($"{method} failed with {(answer.TryGetErrorCode(out var code) ? code : 0)}");
                return;
            }

            Thread.Sleep(1);
        }

        throw new InvalidOperationException($"{method}: no answer");
    }

    private byte[] Request(StunMethod method, AddressKey peer)
    {
        var writer = new StunWriter(new byte[600], StunClass.Request, method, RandomNumberGenerator.GetBytes(12));
        if (method == StunMethod.Refresh) writer.AddUInt32(StunAttribute.Lifetime, 0);
        else if (method == StunMethod.Allocate) writer.AddUInt32(StunAttribute.RequestedTransport, 17u << 24);
        else
        {
            writer.AddUInt32(StunAttribute.ChannelNumber, (uint)Channel << 16);
            writer.AddXorAddress(StunAttribute.XorPeerAddress, peer);
        }

        if (_nonce.Length == 0) return writer.Written.ToArray();
        writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes(_username));
        writer.Add(StunAttribute.Realm, Encoding.UTF8.GetBytes(ITurnPeer.Realm));
        writer.Add(StunAttribute.Nonce, _nonce);
#pragma warning disable CA5351 // RFC 8489's key
        writer.AddIntegrity(MD5.HashData(Encoding.UTF8.GetBytes($"{_username}:{ITurnPeer.Realm}:{PasswordOf(_username)}")));
#pragma warning restore CA5351
        return writer.Written.ToArray();
    }
}

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Parley.Doctor.Network;
using Parley.Media.Core;
using Parley.Media.Core.Stun;

namespace Parley.Doctor.Turn;

/// <summary>Adds attributes to a request.</summary>
internal delegate void AddAttributes(ref StunWriter request);

/// <summary>Data that came through an allocation.</summary>
/// <param name="Peer">Where from; null where it came by channel.</param>
/// <param name="Bytes">The data.</param>
internal sealed record RelayedData(AddressKey? Peer, byte[] Bytes);

/// <summary>A TURN client (RFC 8656, with RFC 8489's long-term credentials).</summary>
internal sealed class TurnClient : IAsyncDisposable
{
    /// <summary>How long an answer may take; over UDP it is asked for again meanwhile.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private const uint Udp = 17u << 24;
    private const int MaxWaiting = 256;

    private readonly TurnCarrier _carrier;
    private readonly ConcurrentDictionary<UInt128, TaskCompletionSource<StunAnswer>> _asked = new();
    private readonly Channel<RelayedData> _data = Channel.CreateBounded<RelayedData>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private readonly string _username, _password;
    private volatile ReachException? _ended;
    private byte[] _key = [], _realm = [], _nonce = [];

    public TurnClient(TurnCarrier carrier, string username = "", string password = "")
    {
        (_carrier, _username, _password) = (carrier, username, password);
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Data from peers.</summary>
    public ChannelReader<RelayedData> Data => _data.Reader;

    /// <summary>Asks for our address as the server sees it.</summary>
    public async Task<AddressKey> BindAsync(CancellationToken ct)
    {
        var answer = await AskOnceAsync(StunMethod.Binding, null, ct);
        return answer.Mapped ?? throw new ReachException($"the server answers a Binding request with {answer.Describe()}");
    }

    /// <summary>Makes an allocation.</summary>
    /// <returns>The relayed address.</returns>
    /// <exception cref="TurnRefusedException">The server refuses.</exception>
    public async Task<AddressKey> AllocateAsync(CancellationToken ct)
    {
        var answer = await AskAsync(StunMethod.Allocate, (ref StunWriter w) => w.AddUInt32(StunAttribute.RequestedTransport, Udp), ct);
        return answer.Relayed ?? throw new ReachException("the server's Allocate answer names no address");
    }

    /// <summary>Permits a peer.</summary>
    public Task PermitAsync(AddressKey peer, CancellationToken ct) =>
        AskAsync(StunMethod.CreatePermission, (ref StunWriter w) => w.AddXorAddress(StunAttribute.XorPeerAddress, peer), ct);

    /// <summary>Binds a channel to a peer.</summary>
    public Task BindChannelAsync(ushort channel, AddressKey peer, CancellationToken ct) => AskAsync(StunMethod.ChannelBind, (ref StunWriter w) =>
    {
        w.AddUInt32(StunAttribute.ChannelNumber, (uint)channel << 16);
        w.AddXorAddress(StunAttribute.XorPeerAddress, peer);
    }, ct);

    /// <summary>Ends the allocation.</summary>
    public Task EndAsync(CancellationToken ct) => AskAsync(StunMethod.Refresh, (ref StunWriter w) => w.AddUInt32(StunAttribute.Lifetime, 0), ct);

    /// <summary>Sends data to a peer by Send indication.</summary>
    public ValueTask SendAsync(AddressKey peer, byte[] data, CancellationToken ct)
    {
        var buffer = new byte[data.Length + 100];
        var writer = new StunWriter(buffer, StunClass.Indication, StunMethod.Send, RandomNumberGenerator.GetBytes(12));
        writer.AddXorAddress(StunAttribute.XorPeerAddress, peer);
        writer.Add(StunAttribute.Data, data);
        return _carrier.SendAsync(buffer.AsMemory(0, writer.Length), ct);
    }

    /// <summary>Sends data by channel.</summary>
    public ValueTask SendAsync(ushort channel, byte[] data, CancellationToken ct)
    {
        var buffer = new byte[4 + data.Length + (-data.Length & 3)];
        BinaryPrimitives.WriteUInt16BigEndian(buffer, channel);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(2), (ushort)data.Length);
        data.CopyTo(buffer, 4);
        return _carrier.SendAsync(buffer, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        await _carrier.DisposeAsync();
        _stop.Dispose();
    }

    // The first request goes without credentials, to be challenged (RFC 8489 section 9.2.3); a nonce may be stale once.
    private async Task<StunAnswer> AskAsync(StunMethod method, AddAttributes attributes, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            var hadKey = _key.Length > 0;
            var answer = await AskOnceAsync(method, attributes, ct);
            if (answer.Code == 0) return answer;
            if (attempt > 1 || !(answer.Code == 438 || (answer.Code == 401 && !hadKey)) || answer.Nonce.Length == 0) throw new TurnRefusedException(method, answer);
            (_realm, _nonce) = (answer.Realm, answer.Nonce);
#pragma warning disable CA5351 // RFC 8489's key
            _key = MD5.HashData(Encoding.UTF8.GetBytes($"{_username}:{Encoding.UTF8.GetString(_realm)}:{_password}"));
#pragma warning restore CA5351
        }
    }

    private async Task<StunAnswer> AskOnceAsync(StunMethod method, AddAttributes? attributes, CancellationToken ct)
    {
        var request = Write(method, attributes, out var transaction);
        var answer = _asked[transaction] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(Patience);
        try
        {
            // RFC 8489 section 6.2.1: 500 ms at first, then doubling.
            for (var wait = TimeSpan.FromMilliseconds(500); ; wait *= 2)
            {
                if (_ended is { } fault) throw fault;
                await _carrier.SendAsync(request, over.Token);
                await Task.WhenAny(answer.Task, Task.Delay(_carrier.IsReliable ? Patience : wait, over.Token));
                if (answer.Task.IsCompleted) return await answer.Task;
                over.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ReachException($"no answer within {Patience.TotalSeconds:0} s");
        }
        finally
        {
            _asked.TryRemove(transaction, out _);
        }
    }

    private byte[] Write(StunMethod method, AddAttributes? attributes, out UInt128 transaction)
    {
        var id = RandomNumberGenerator.GetBytes(12);
        transaction = StunAnswer.TransactionOf(id);
        var buffer = new byte[2000];
        var writer = new StunWriter(buffer, StunClass.Request, method, id);
        attributes?.Invoke(ref writer);
        if (_key.Length > 0)
        {
            writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes(_username));
            writer.Add(StunAttribute.Realm, _realm);
            writer.Add(StunAttribute.Nonce, _nonce);
            writer.AddIntegrity(_key);
        }

        return writer.Written.ToArray();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _carrier.ReceiveAsync(_stop.Token) is { } message) Take(message);
            GiveUp(new ReachException("the server closed the connection"));
        }
        catch (Exception e) when (e is ReachException or OperationCanceledException)
        {
            GiveUp(e as ReachException ?? new ReachException("closed"));
        }
    }

    private void GiveUp(ReachException why)
    {
        _ended = why;
        foreach (var waiting in _asked.Values) waiting.TrySetException(why);
        _data.Writer.TryComplete();
    }

    private void Take(byte[] message)
    {
        if (message.Length >= 4 && message[0] is >= 0x40 and < 0x80)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(2));
            if (message.Length >= 4 + length) _data.Writer.TryWrite(new RelayedData(null, message[4..(4 + length)]));
            return;
        }

        if (!StunMessage.TryParse(message, out var stun)) return;
        if (stun.Class == StunClass.Indication)
        {
            if (stun.Method == StunMethod.Data && stun.TryGetXorAddress(StunAttribute.XorPeerAddress, out var peer) && stun.TryGet(StunAttribute.Data, out var data))
                _data.Writer.TryWrite(new RelayedData(peer, data.ToArray()));
        }
        else if (_asked.TryGetValue(StunAnswer.TransactionOf(stun.TransactionId), out var waiting) && StunAnswer.Read(stun, _key) is { } answer) waiting.TrySetResult(answer);
    }
}

using System.Security.Cryptography;
using System.Text;
using Parley.Media.Core;
using Parley.Media.Core.Stun;

namespace Parley.tests.Media.Core.Turn;

/// <summary>Adds attributes to a request.</summary>
internal delegate void AddAttributes(ref StunWriter request);

/// <summary>A TURN client as RFC 8656 has it, over any exchange of a request's bytes for an answer's; tests read exact codes from it.</summary>
internal sealed class TurnClient(Func<byte[], byte[]?> exchange, string username, string password)
{
    private byte[] _nonce = [];

    public string Username { get; set; } = username;

    public string Password { get; set; } = password;

    public string Realm { get; set; } = "";

    public byte[] Nonce { get => _nonce; set => _nonce = value; }

    /// <summary>Uses SHA-256 keys and MESSAGE-INTEGRITY-SHA256, as RFC 8489 clients do.</summary>
    public bool Sha256 { get; init; }

    /// <summary>Sends USERHASH in place of USERNAME (RFC 8489 section 14.4).</summary>
    public bool HidesName { get; init; }

    public bool Fingerprint { get; init; }

    /// <summary>The bytes of the last request, to send again.</summary>
    public byte[] LastRequest { get; private set; } = [];

#pragma warning disable CA5351 // RFC 8489's key
    public byte[] Key => Sha256
        ? SHA256.HashData(Encoding.UTF8.GetBytes($"{Username}:{Realm}:{Password}"))
        : MD5.HashData(Encoding.UTF8.GetBytes($"{Username}:{Realm}:{Password}"));
#pragma warning restore CA5351

    /// <summary>Asks with credentials, once more where the answer is a challenge for the first time or a new nonce.</summary>
    public TurnAnswer Ask(StunMethod method, AddAttributes? attributes = null)
    {
        if (_nonce.Length == 0) Learn(AskOnce(method, attributes));
        var answer = AskOnce(method, attributes);
        if (answer.Code != 438) return answer;
        Learn(answer);
        return AskOnce(method, attributes);
    }

    public TurnAnswer Allocate(AddAttributes? attributes = null) => Ask(StunMethod.Allocate, (ref StunWriter w) =>
    {
        w.AddUInt32(StunAttribute.RequestedTransport, 17u << 24);
        attributes?.Invoke(ref w);
    });

    public TurnAnswer Refresh(uint lifetime) => Ask(StunMethod.Refresh, (ref StunWriter w) => w.AddUInt32(StunAttribute.Lifetime, lifetime));

    public TurnAnswer Permit(params AddressKey[] peers) => Ask(StunMethod.CreatePermission, (ref StunWriter w) =>
    {
        foreach (var peer in peers) w.AddXorAddress(StunAttribute.XorPeerAddress, peer);
    });

    public TurnAnswer Bind(ushort channel, AddressKey peer) => Ask(StunMethod.ChannelBind, (ref StunWriter w) =>
    {
        w.AddUInt32(StunAttribute.ChannelNumber, (uint)channel << 16);
        w.AddXorAddress(StunAttribute.XorPeerAddress, peer);
    });

    /// <summary>Asks once with what is known of realm and nonce; without credentials before the first challenge.</summary>
    public TurnAnswer AskOnce(StunMethod method, AddAttributes? attributes)
    {
        LastRequest = Request(method, attributes);
        return Read(exchange(LastRequest));
    }

    public TurnAnswer Repeat() => Read(exchange(LastRequest));

    public byte[] Request(StunMethod method, AddAttributes? attributes)
    {
        var buffer = new byte[2000];
        var writer = new StunWriter(buffer, StunClass.Request, method, RandomNumberGenerator.GetBytes(12));
        attributes?.Invoke(ref writer);
        if (_nonce.Length > 0)
        {
            if (HidesName) writer.Add(StunAttribute.Userhash, SHA256.HashData(Encoding.UTF8.GetBytes($"{Username}:{Realm}")));
            else writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes(Username));
            writer.Add(StunAttribute.Realm, Encoding.UTF8.GetBytes(Realm));
            writer.Add(StunAttribute.Nonce, _nonce);
            if (Sha256)
            {
                writer.Add(StunAttribute.PasswordAlgorithms, [0, 2, 0, 0, 0, 1, 0, 0]);
                writer.Add(StunAttribute.PasswordAlgorithm, [0, 2, 0, 0]);
                writer.AddIntegritySha256(Key);
            }
            else
            {
                writer.AddIntegrity(Key);
            }
        }

        if (Fingerprint) writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    public static byte[] Send(AddressKey peer, ReadOnlySpan<byte> data)
    {
        var buffer = new byte[data.Length + 100];
        var writer = new StunWriter(buffer, StunClass.Indication, StunMethod.Send, RandomNumberGenerator.GetBytes(12));
        writer.AddXorAddress(StunAttribute.XorPeerAddress, peer);
        writer.Add(StunAttribute.Data, data);
        return writer.Written.ToArray();
    }

    public static byte[] ChannelData(ushort channel, ReadOnlySpan<byte> data, int padding = 0) =>
        [(byte)(channel >> 8), (byte)channel, (byte)(data.Length >> 8), (byte)data.Length, .. data, .. new byte[padding]];

    public void Learn(TurnAnswer challenge)
    {
        Realm = Encoding.UTF8.GetString(challenge.Get(StunAttribute.Realm));
        _nonce = challenge.Get(StunAttribute.Nonce);
    }

    private TurnAnswer Read(byte[]? answer)
    {
        Assert.NotNull(answer);
        var read = new TurnAnswer(answer);
        Assert.Equal(LastRequest[8..20], read.Message.TransactionId.ToArray());
        if (_nonce.Length > 0 && read.Code is not (400 or 401 or 438))
        {
            Assert.Equal(StunProof.Valid, Sha256 ? read.Message.CheckIntegritySha256(Key) : read.Message.CheckIntegrity(Key));
            Assert.Equal(StunProof.Missing, Sha256 ? read.Message.CheckIntegrity(Key) : read.Message.CheckIntegritySha256(Key));
        }

        return read;
    }
}

/// <summary>An answer's bytes, checked to be a whole message.</summary>
internal sealed record TurnAnswer(byte[] Bytes)
{
    public StunMessage Message => StunMessage.TryParse(Bytes, out var message) ? message : throw new InvalidOperationException("No STUN message.");

    /// <summary>0 for a success, else the error code.</summary>
    public int Code => Message.Class == StunClass.Success ? 0 : Message.TryGetErrorCode(out var code) ? code : -1;

    public AddressKey Relayed => Message.TryGetXorAddress(StunAttribute.XorRelayedAddress, out var address) ? address : default;

    public AddressKey Mapped => Message.TryGetXorAddress(StunAttribute.XorMappedAddress, out var address) ? address : default;

    public uint Lifetime => Message.TryGetUInt32(StunAttribute.Lifetime, out var lifetime) ? lifetime : uint.MaxValue;

    public ulong Token => Message.TryGetUInt64(StunAttribute.ReservationToken, out var token) ? token : 0;

    public byte[] Get(StunAttribute attribute) => Message.TryGet(attribute, out var value) ? value.ToArray() : [];

    public List<StunAttribute> Attributes
    {
        get
        {
            List<StunAttribute> all = [];
            foreach (var attribute in Message) all.Add(attribute.Type);
            return all;
        }
    }
}

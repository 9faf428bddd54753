using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>
/// Links to recordings, which whoever may have them is given and whoever has them may use for a while: the room, the earliest and the end, signed with a key that never leaves the data directory.
/// </summary>
public sealed class RecordingLinks
{
    /// <summary>Where recordings are, over HTTP.</summary>
    public const string Prefix = "/recordings";

    private const string FileName = "recording-links.key";
    private const int KeyLength = 32, MacLength = 16, TimeLength = 8, HeadLength = 2 * TimeLength, MaxToken = 4096;
    private const byte Version = 2; // of what is signed

    private readonly FocusServices _services;
    private readonly Lazy<byte[]> _key;

    /// <summary>Reads the key when it is first needed, or makes it.</summary>
    public RecordingLinks(FocusServices services) => (_services, _key) = (services, new(() => ReadKey(services.Server)));

    /// <summary>A link to a room's recordings; null while this server has no https.</summary>
    /// <param name="room">The room; null for all rooms.</param>
    /// <param name="since">Of recordings that began earlier nothing is given.</param>
    /// <param name="domain">The served domain whose address the link has.</param>
    public string? Make(Jid? room, DateTimeOffset since, string domain)
    {
        var options = _services.Options.Recording;
        var root = options.BaseUrl is { } url ? url.TrimEnd('/') : _services.Server.HttpsPort switch
        {
            null or 0 => null,
            443 => $"https://{domain}{Prefix}",
            var port => $"https://{domain}:{port}{Prefix}",
        };
        return root is null ? null : $"{root}/{TokenOf(room?.ToString() ?? "", since, _services.Clock.GetUtcNow() + options.LinkLifetime)}/";
    }

    /// <summary>Reads a link's token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="room">The room; empty for all rooms.</param>
    /// <param name="since">Of recordings that began earlier nothing is given.</param>
    /// <returns>False for one that is not ours, or is over.</returns>
    public bool TryRead(string token, out string room, out DateTimeOffset since)
    {
        (room, since) = ("", DateTimeOffset.MaxValue);
        if (token.Length is 0 or > MaxToken || !Base64Url.IsValid(token)) return false;
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length < MacLength + HeadLength) return false;
        if (!CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, MacLength), Sign(bytes.AsSpan(MacLength)))) return false;
        if (BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(MacLength)) < _services.Clock.GetUtcNow().ToUnixTimeSeconds()) return false;
        since = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(MacLength + TimeLength)));
        room = Encoding.UTF8.GetString(bytes.AsSpan(MacLength + HeadLength));
        return true;
    }

    private string TokenOf(string room, DateTimeOffset since, DateTimeOffset end)
    {
        var bytes = new byte[MacLength + HeadLength + Encoding.UTF8.GetByteCount(room)];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(MacLength), end.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(MacLength + TimeLength), since.ToUnixTimeMilliseconds());
        Encoding.UTF8.GetBytes(room, bytes.AsSpan(MacLength + HeadLength));
        Sign(bytes.AsSpan(MacLength)).CopyTo(bytes.AsSpan());
        return Base64Url.EncodeToString(bytes);
    }

    private ReadOnlySpan<byte> Sign(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_key.Value, (byte[])[Version, .. content]).AsSpan(0, MacLength);

    private static byte[] ReadKey(IServerInfo server)
    {
        var path = Path.Combine(server.DataDirectory, FileName);
        if (File.Exists(path) && File.ReadAllBytes(path) is { Length: KeyLength } kept) return kept;
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(key);
        file.Flush(flushToDisk: true);
        return key;
    }
}

using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Parley.Plugins.Archive;

/// <summary>
/// Entries' ids as others see them: unpredictable, and without a hint of when or how much was written (XEP-0359 section 3 and its security considerations). Owner and number are
/// together one block of AES under the archive's key, so that nothing beside the number has to be stored or looked up, and no id of one owner means anything to another.
/// </summary>
internal sealed class EntryIds : IDisposable
{
    /// <summary>Bytes of the key.</summary>
    public const int KeyLength = 16;

    private const int BlockLength = 16;
    private readonly Lock _gate = new();
    private readonly Aes _aes = Aes.Create();
    private readonly ICryptoTransform _encrypt;
    private readonly ICryptoTransform _decrypt;
    private readonly byte[] _in = new byte[BlockLength], _out = new byte[BlockLength];

    public EntryIds(byte[] key)
    {
        // One block by itself at a time, never two alike: the plain permutation is what is wanted.
        (_aes.Mode, _aes.Padding, _aes.Key) = (CipherMode.ECB, PaddingMode.None, key);
        (_encrypt, _decrypt) = (_aes.CreateEncryptor(), _aes.CreateDecryptor());
    }

    /// <summary>The id of an entry.</summary>
    public string Write(long owner, long number)
    {
        lock (_gate)
        {
            BinaryPrimitives.WriteInt64BigEndian(_in, owner);
            BinaryPrimitives.WriteInt64BigEndian(_in.AsSpan(8), number);
            _encrypt.TransformBlock(_in, 0, BlockLength, _out, 0);
            return Base64Url.EncodeToString(_out);
        }
    }

    /// <summary>The number behind an id; false if it is none of this owner's.</summary>
    public bool TryRead(long owner, string id, out long number)
    {
        number = 0;
        Span<byte> block = stackalloc byte[BlockLength];
        if (id.Length != Base64Url.GetEncodedLength(BlockLength) || !Base64Url.IsValid(id, out var length) || length != BlockLength || !Base64Url.TryDecodeFromChars(id, block, out _)) return false;
        lock (_gate)
        {
            block.CopyTo(_in);
            _decrypt.TransformBlock(_in, 0, BlockLength, _out, 0);
            number = BinaryPrimitives.ReadInt64BigEndian(_out.AsSpan(8));
            return BinaryPrimitives.ReadInt64BigEndian(_out) == owner && number > 0;
        }
    }

    public void Dispose()
    {
        _encrypt.Dispose();
        _decrypt.Dispose();
        _aes.Dispose();
    }
}

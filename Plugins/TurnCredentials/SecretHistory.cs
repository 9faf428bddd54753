using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Plugins.TurnCredentials;

/// <summary>
/// What is remembered of secrets over a restart, in <c>turn-secrets-former.json</c> beside the secret: former ones until their credentials have expired, and for how long
/// credentials of the present one were ever issued.
/// </summary>
/// <param name="Current">The secret in use.</param>
/// <param name="LongestLifetime">The longest lifetime, in seconds, of credentials issued with it.</param>
/// <param name="Former">Those before it that still count.</param>
internal sealed record SecretHistory(string Current, long LongestLifetime, IReadOnlyList<FormerSecret> Former)
{
    private const string FileName = "turn-secrets-former.json";
    private const long MaxBytes = 64 * 1024;

    /// <summary>Reads it; null if there is none.</summary>
    /// <exception cref="IOException">It cannot be read or is damaged; the message says what to do.</exception>
    public static SecretHistory? Read(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        try
        {
            if (!File.Exists(path)) return null;
            if (new FileInfo(path).Length > MaxBytes) throw Damaged(path, null);
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), SecretJson.Default.SecretHistory);
        }
        catch (JsonException e)
        {
            throw Damaged(path, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The former TURN secrets in {path} cannot be read by this user: {e.Message}", e);
        }
    }

    /// <summary>Writes it; on the disk when this returns.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        var draft = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var file = new FileStream(draft, options))
            {
                JsonSerializer.Serialize(file, this, SecretJson.Default.SecretHistory);
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The former TURN secrets in {path} cannot be written by this user: {e.Message}", e);
        }
    }

    private static IOException Damaged(string path, Exception? e) => new($"The former TURN secrets in {path} are damaged. Remove the file: credentials issued with them then end.", e);
}

/// <summary>A secret that was replaced.</summary>
/// <param name="Text">The secret.</param>
/// <param name="Until">When the last credentials issued with it end, in Unix seconds.</param>
internal sealed record FormerSecret(string Text, long Until);

/// <summary>Reads and writes the file's JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SecretHistory))]
internal sealed partial class SecretJson : JsonSerializerContext;

-- wrk ... -s catalog.lua URL -- VENDORS [fresh]: every request another vendor's catalog.
-- Each thread walks vendors of its own. With "fresh" each address is new as well.
local threads = 0

function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end

function init(args)
    share = math.floor(tonumber(args[1]) / 2)
    fresh = args[2] == "fresh"
    k = 0
end

function request()
    local path = "/v/shop-" .. (id * share + k % share + 1)

    k = k + 1
    if fresh then
        path = path .. string.format("?before=%d%08d", 11 + id, k + os.time() % 90000 * 1000)
    end
    return wrk.format("GET", path)
end

# TernLibrary.cmake - libtern: src/ compiled once, and put together three ways.
#
#   tern_core    every symbol reachable: for the unit tests and for draw/, never installed
#   tern_shared  libtern.so: only what TERN_API marks leaves it
#   tern_static  libtern.a: one object file whose hidden symbols were made local, so that a program
#                may have its own ip_read() beside it

file(GLOB_RECURSE TERN_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.c)

add_library(tern_objects OBJECT ${TERN_SOURCES})
set_target_properties(tern_objects PROPERTIES C_VISIBILITY_PRESET hidden LINKER_LANGUAGE C)
target_include_directories(tern_objects PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_compile_options(tern_objects PRIVATE -Wvla)
target_link_libraries(tern_objects PRIVATE tern_compile)

if(TERN_FREESTANDING)
    # -fno-pic: in position-independent code the linker's own names would be undefined too, and a
    # const table of strings would count as writable.
    target_compile_options(tern_objects PRIVATE -ffreestanding -fno-stack-protector -fno-pic)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    enable_testing()
    add_test(NAME freestanding COMMAND ${CMAKE_COMMAND} -E env NM=${CMAKE_NM}
        ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/tidy/symbols.py
        $<TARGET_OBJECTS:tern_objects> COMMAND_EXPAND_LISTS)
    return()
endif()
set_target_properties(tern_objects PROPERTIES POSITION_INDEPENDENT_CODE ON)

# In a release build gcc sees the library as one file, in which only what TERN_API marks is
# reachable from outside, and optimises across src/; who links libtern needs no -flto for that.
set(TERN_LIBRARY tern_objects)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release"
        AND NOT TERN_SANITIZE AND NOT TERN_COVERAGE)
    set(TERN_LIBRARY tern_whole)
    list(TRANSFORM TERN_SOURCES REPLACE "(.+)" "#include \"\\1\"" OUTPUT_VARIABLE TERN_INCLUDES)
    list(JOIN TERN_INCLUDES "\n" TERN_INCLUDES)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/tern-whole.c CONTENT "@TERN_INCLUDES@\n" @ONLY)
    add_library(tern_whole OBJECT ${PROJECT_BINARY_DIR}/tern-whole.c)
    set_target_properties(tern_whole PROPERTIES
        C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON LINKER_LANGUAGE C)
    target_include_directories(tern_whole PRIVATE
        ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
    # One file of this size is beyond what gcc lets grow by inlining: what a segment passes through
    # would go back to calls with every rare feature added.
    target_compile_options(tern_whole PRIVATE -fwhole-program --param=inline-unit-growth=400
        --param=large-function-growth=400 --param=max-inline-insns-auto=120)
    # gcc 12 clears a TCB by `rep stosq`, which takes longer to start than the stores themselves.
    if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
        target_compile_options(tern_whole PRIVATE
            -mmemset-strategy=unrolled_loop:512:noalign,libcall:-1:noalign)
    endif()
    target_link_libraries(tern_whole PRIVATE tern_compile)
endif()

add_library(tern_core STATIC $<TARGET_OBJECTS:tern_objects>)
target_include_directories(tern_core PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})

add_library(tern_shared SHARED $<TARGET_OBJECTS:${TERN_LIBRARY}>)
target_link_libraries(tern_shared PRIVATE tern_compile)

# The static library `name`: one object file of those of an object library, hidden symbols local.
function(tern_static_library name objects)
    set(one ${PROJECT_BINARY_DIR}/${name}-one.o)
    add_custom_command(OUTPUT ${one}
        COMMAND ${CMAKE_LINKER} -r -o ${one} $<TARGET_OBJECTS:${objects}>
        COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${one}
        DEPENDS ${objects} $<TARGET_OBJECTS:${objects}>
        COMMAND_EXPAND_LISTS VERBATIM)
    add_library(${name} STATIC ${one})
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
endfunction()

tern_static_library(tern_static ${TERN_LIBRARY})
